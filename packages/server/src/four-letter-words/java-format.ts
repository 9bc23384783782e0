/**
 * Values as Java prints them: scripts and exporters take the words' output apart with regular expressions that
 * were written against Java's.
 */

/** `Long.toHexString`: two's complement, no leading zeros. */
export function javaHex(value: bigint | number): string {
  return BigInt.asUintN(64, BigInt(value)).toString(16);
}

/** `Double.toString`: at least one digit behind the point; an exponent below 0.001 and from ten million on. */
export function javaDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  const magnitude = Math.abs(value);
  if (magnitude === 0 || (magnitude >= 1e-3 && magnitude < 1e7)) {
    return Number.isInteger(value) ? `${Object.is(value, -0) ? '-0' : value}.0` : `${value}`;
  }
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}

/** `AvgMinMaxCounter.getAvg`: four digits behind the point. */
export function javaAverage(value: number): string {
  return javaDouble(Math.round(value * 10_000) / 10_000);
}

/** `Date.toString`, always in UTC: the zone is the machine's affair, and this package knows no machine. */
export function javaDate(wallMs: number): string {
  const seconds = Math.floor(wallMs / 1000);
  const days = Math.floor(seconds / 86_400);
  const { year, month, day } = civilDate(days);
  const rest = seconds - days * 86_400;
  const time = [rest / 3600, (rest / 60) % 60, rest % 60].map(twoDigits).join(':');
  return `${WEEKDAYS[(((days + 4) % 7) + 7) % 7]} ${MONTHS[month]} ${twoDigits(day)} ${time} UTC ${year}`;
}

/** `InetSocketAddress.toString` of an unresolved-name address: `/127.0.0.1:2181`, `/[0:0:0:0:0:0:0:1]:2181`. */
export function javaSocketAddress(host: string, port: number): string {
  const ipv4 = mappedIpv4(host);
  if (ipv4 !== undefined) return `/${ipv4}:${port}`;
  return host.includes(':') ? `/[${expandIpv6(host)}]:${port}` : `/${host}:${port}`;
}

/** The IPv4 address an IPv6 socket shows as `::ffff:a.b.c.d`. */
export function mappedIpv4(host: string): string | undefined {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)?.[1];
}

function expandIpv6(host: string): string {
  const [address = '', zone] = host.split('%');
  const [left = '', right] = address.split('::');
  const before = left === '' ? [] : left.split(':');
  const after = right === undefined || right === '' ? [] : right.split(':');
  const zeros = right === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  const text = groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
  return zone === undefined ? text : `${text}%${zone}`;
}

/** The Gregorian date that many days after 1970-01-01; `month` counts from 0. Years are taken to begin in March. */
function civilDate(days: number): { year: number; month: number; day: number } {
  const sinceMarch0 = days + 719_468;
  const era = Math.floor(sinceMarch0 / DAYS_OF_400_YEARS);
  const dayOfEra = sinceMarch0 - era * DAYS_OF_400_YEARS;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / (DAYS_OF_400_YEARS - 1))) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = (monthFromMarch + 2) % 12;
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month < 2 ? 1 : 0), month, day };
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}

const DAYS_OF_400_YEARS = 146_097;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
