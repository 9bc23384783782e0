import { JuteError, JuteReader, type JuteWriter, utf8Decode } from '@corral/jute';
import {
  formatHostAndPort,
  type HostAndPort,
  isWildcard,
  splitAsJava,
  splitHostAndPorts,
} from './host-and-ports.ts';
import { ProtocolError } from './protocol-error.ts';

/** What a server says first on an election connection that it has dialled (QuorumCnxManager.InitialMessage). */
export interface InitialMessage {
  /** Undefined for an observer without an id of its own, which the receiver makes up. */
  readonly sid: number | undefined;
  /** Where it can be dialled for elections; none before 3.5, or where it names but wildcards. */
  readonly addresses: readonly HostAndPort[];
}

/** The bytes of the addresses at most (QuorumCnxManager.maxBuffer). */
export const INITIAL_MESSAGE_ADDRESSES_MAX = 2048;

/**
 * Takes the initial message off the front of an election connection.
 *
 *     const message = reader.push(chunk);
 *     if (message !== undefined) frames.push(reader.rest());
 *
 * It holds 2068 bytes at most.
 */
export class InitialMessageReader {
  #kept: Uint8Array = EMPTY;
  #rest: Uint8Array = EMPTY;

  /**
   * The message as soon as it is whole.
   *
   * @throws JuteError where a length or an id is absurd, or the addresses are not UTF-8
   * @throws ProtocolError `BAD_VALUE` where the version is unknown or an address is none
   */
  push(chunk: Uint8Array): InitialMessage | undefined {
    const bytes = concatenated(this.#kept, chunk.subarray(0, WHOLE_MAX - this.#kept.length));
    const length = lengthOf(bytes);
    if (length > bytes.length) {
      this.#kept = bytes;
      return undefined;
    }
    this.#rest = chunk.subarray(length - this.#kept.length);
    this.#kept = EMPTY;
    return readInitialMessage(bytes.subarray(0, length));
  }

  /** What came behind the message, as a view of the chunk. */
  rest(): Uint8Array {
    return this.#rest;
  }
}

/**
 * Writes the form since 3.5. Only where `multiAddress.enabled` is set does a server send the one for several addresses:
 * members before 3.6 understand one.
 */
export function writeInitialMessage(w: JuteWriter, message: InitialMessage, isMultiAddress: boolean): void {
  w.writeLong(isMultiAddress ? PROTOCOL_VERSION_V2 : PROTOCOL_VERSION_V1);
  w.writeLong(message.sid === undefined ? OBSERVER_ID : BigInt(message.sid));
  const addresses = isMultiAddress ? message.addresses : message.addresses.slice(0, 1);
  w.writeString(addresses.map(formatHostAndPort).join('|'));
}

/** How long the message is that begins so; more than there is, while that cannot be told. */
function lengthOf(bytes: Uint8Array): number {
  if (bytes.length < 8) return 8;
  const r = new JuteReader(bytes);
  const first = r.readLong();
  if (first >= 0n) return 8;
  if (first !== PROTOCOL_VERSION_V1 && first !== PROTOCOL_VERSION_V2)
    throw new ProtocolError('BAD_VALUE', 0, `version ${first} of the initial message`);
  if (bytes.length < 20) return 20;
  r.skip(8);
  const length = r.readInt();
  if (length <= 0 || length > INITIAL_MESSAGE_ADDRESSES_MAX)
    throw new JuteError('BAD_LENGTH', 16, `addresses of ${length} bytes`);
  return 20 + length;
}

function readInitialMessage(bytes: Uint8Array): InitialMessage {
  const r = new JuteReader(bytes);
  if (bytes.length === 8) return { sid: readSid(r), addresses: [] };
  r.skip(8);
  const sid = readSid(r);
  const text = utf8Decode(bytes, 20, bytes.length);
  if (text === undefined) throw new JuteError('BAD_TEXT', 20, 'addresses that are not UTF-8');
  const addresses = splitAsJava(text, '|').map(parseAddress);
  return { sid, addresses: addresses.filter(({ host }) => !isWildcard(host)) };
}

function readSid(r: JuteReader): number | undefined {
  const at = r.offset;
  const sid = r.readLong();
  if (sid === OBSERVER_ID || sid === OBSERVER_ID_ONCE) return undefined;
  if (sid < 0n || sid > Number.MAX_SAFE_INTEGER) throw new JuteError('OUT_OF_RANGE', at, `server id ${sid}`);
  return Number(sid);
}

function parseAddress(text: string): HostAndPort {
  const [host, port, ...more] = splitHostAndPorts(text) ?? [];
  if (
    host === undefined ||
    host === '' ||
    more.length > 0 ||
    !/^\+?\d{1,5}$/.test(port ?? '') ||
    Number(port) > 0xffff
  )
    throw new ProtocolError(
      'BAD_VALUE',
      20,
      `an address is badly formed: ${JSON.stringify(text.slice(0, 100))}`,
    );
  return { host, port: Number(port) };
}

function concatenated(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

const PROTOCOL_VERSION_V1 = -65536n;
const PROTOCOL_VERSION_V2 = -65535n;
/** `QuorumPeer.OBSERVER_ID`. */
const OBSERVER_ID = 2n ** 63n - 1n;
/** What it was at first. */
const OBSERVER_ID_ONCE = -1n;
const WHOLE_MAX = 20 + INITIAL_MESSAGE_ADDRESSES_MAX;
const EMPTY = new Uint8Array(0);
