/** `Date.toString()` of Java: `Fri Nov 20 16:42:01 UTC 2026`, in the time zone of this machine. */
export function javaDate(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return String(ms);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  return `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${twoDigits(date.getDate())} ${time} ${zoneOf(date)} ${date.getFullYear()}`;
}

function zoneOf(date: Date): string {
  // Made when it is needed: the tables behind it take longer to load than a command to run.
  zones ??= new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' });
  const parts = zones.formatToParts(date);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';
  // Where a zone has no short name in English, Java writes none either but the offset: GMT+03:00.
  const offset = /^GMT([+-])(\d{1,2})(?::(\d{2}))?$/.exec(name);
  return offset === null ? name : `GMT${offset[1]}${offset[2]!.padStart(2, '0')}:${offset[3] ?? '00'}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

let zones: Intl.DateTimeFormat | undefined;
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
