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

/** `Date.toString`, always in UTC: a server's zone is its machine's affair, and a pure package cannot know it. */
export function javaDate(wallMs: number): string {
  const [weekday = '', day, month, year, time] = new Date(wallMs).toUTCString().split(' ');
  return `${weekday.slice(0, 3)} ${month} ${day} ${time} UTC ${year}`;
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
