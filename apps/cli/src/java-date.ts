/** `Date.toString()` of Java: `Fri Nov 20 16:42:01 UTC 2026`, in the time zone of this machine. */
export function javaDate(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return String(ms);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  return `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${twoDigits(date.getDate())} ${time} ${zoneOf(date)} ${date.getFullYear()}`;
}

/** The short name of the zone where some English (or Japanese) has one; Java knows more of them than we find here. */
function zoneOf(date: Date): string {
  let name = 'UTC';
  for (const locale of LOCALES) {
    const parts = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts(date);
    name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? name;
    if (!/^GMT[+-]/.test(name)) return name;
  }
  // As Java writes a zone that has no name: GMT+03:00.
  const offset = /^GMT([+-])(\d{1,2})(?::(\d{2}))?$/.exec(name);
  return offset === null ? name : `GMT${offset[1]}${offset[2]!.padStart(2, '0')}:${offset[3] ?? '00'}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

const LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA', 'ja-JP'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
