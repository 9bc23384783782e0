/** The bytes of an IPv4 or IPv6 address, or undefined where `text` is none (IPAuthenticationProvider). */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseV6(text) : parseV4(text);
}

/** An address with, or without, `/bits` behind it. */
export class AddressRange {
  readonly #address: Uint8Array;
  readonly #bits: number;

  private constructor(address: Uint8Array, bits: number) {
    this.#address = address;
    this.#bits = bits;
  }

  static parse(text: string): AddressRange | undefined {
    const slash = text.indexOf('/');
    const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
    if (address === undefined) return undefined;
    const bitsMax = address.length * 8;
    if (slash < 0) return new AddressRange(address, bitsMax);
    const bits = text.slice(slash + 1);
    return /^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax
      ? new AddressRange(address, Number(bits))
      : undefined;
  }

  /** Never across the two kinds of address. */
  includes(address: Uint8Array): boolean {
    if (address.length !== this.#address.length) return false;
    const whole = this.#bits >>> 3;
    for (let i = 0; i < whole; i++) if (address[i] !== this.#address[i]) return false;
    const mask = (0xff00 >>> (this.#bits & 7)) & 0xff;
    return mask === 0 || (address[whole]! & mask) === (this.#address[whole]! & mask);
  }
}

function parseV4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (const [i, part] of parts.entries()) {
    if (!/^\d{1,10}$/.test(part) || Number(part) > 255) return undefined;
    bytes[i] = Number(part);
  }
  return bytes;
}

function parseV6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0]!);
  const tail = halves.length === 2 ? groupsOf(halves[1]!) : [];
  const count = head.length + tail.length;
  if (halves.length === 1 ? count !== 8 : count > 7) return undefined;
  const bytes = new Uint8Array(16);
  return putGroups(bytes, 0, head) && putGroups(bytes, 16 - tail.length * 2, tail) ? bytes : undefined;
}

function groupsOf(half: string): string[] {
  return half === '' ? [] : half.split(':');
}

function putGroups(bytes: Uint8Array, at: number, groups: readonly string[]): boolean {
  for (const group of groups) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return false;
    const value = Number.parseInt(group, 16);
    bytes[at++] = value >>> 8;
    bytes[at++] = value & 0xff;
  }
  return true;
}
