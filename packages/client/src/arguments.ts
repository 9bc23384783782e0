import { CreateMode, isTtlValue, TTL_MAX_MS } from '@corral/protocol';
import type { Data } from './results.ts';

export interface CreateKind {
  /** `ephemeral` ends with the session, `container` some time after its last child. Default `persistent`. */
  readonly mode?: 'persistent' | 'ephemeral' | 'container';
  /** The server appends a number that only grows. */
  readonly sequential?: boolean;
  /** Milliseconds without a change and without children after which a persistent node ends. */
  readonly ttl?: number;
}

/** @throws TypeError, RangeError where they do not go together */
export function createFlags({ mode = 'persistent', sequential = false, ttl }: CreateKind): CreateMode {
  if (ttl !== undefined && !isTtlValue(ttl))
    throw new RangeError(`a ttl of ${ttl} (1 to ${TTL_MAX_MS} milliseconds)`);
  if (ttl !== undefined && mode !== 'persistent')
    throw new RangeError(`a ttl for ${mode} nodes is not possible`);
  switch (mode) {
    case 'persistent':
      if (ttl !== undefined)
        return sequential ? CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL : CreateMode.PERSISTENT_WITH_TTL;
      return sequential ? CreateMode.PERSISTENT_SEQUENTIAL : CreateMode.PERSISTENT;
    case 'ephemeral':
      return sequential ? CreateMode.EPHEMERAL_SEQUENTIAL : CreateMode.EPHEMERAL;
    case 'container':
      if (sequential) throw new RangeError('sequential containers are not possible');
      return CreateMode.CONTAINER;
    default:
      throw new RangeError(`no mode of a node: ${String(mode)}`);
  }
}

/** Where a version or a mode stands in the place of the options it is refused: it would be taken for none. */
export function optionsRefusal(options: unknown): Error | undefined {
  if (typeof options === 'object' && options !== null) return undefined;
  return new TypeError(`the options are ${kindOf(options)}, not an object`);
}

export function codecRefusal(codec: unknown): Error | undefined {
  if ((typeof codec === 'object' && codec !== null) || typeof codec === 'function') return undefined;
  return new TypeError(`the codec is ${kindOf(codec)}, not { encode, decode }`);
}

/** For the messages of TypeErrors. */
export function kindOf(value: unknown): string {
  return value === undefined || value === null ? String(value) : `a ${typeof value}`;
}

/** Versions travel as 32 bits; -1 is any. */
export function versionRefusal(version: unknown): Error | undefined {
  if (typeof version !== 'number') return new TypeError(`the version is ${kindOf(version)}, not a number`);
  if (Number.isInteger(version) && version >= -0x8000_0000 && version <= 0x7fff_ffff) return undefined;
  return new RangeError(`no version: ${version}`);
}

/** What is far too long is refused before it is copied; the whole frame is measured when it is written. */
export function dataRefusal(data: unknown, requestMax: number): Error | undefined {
  if (typeof data !== 'string' && !(data instanceof Uint8Array))
    return new TypeError('the data is neither text nor a Uint8Array');
  if (data.length <= requestMax) return undefined;
  return new RangeError(
    `data of ${data.length} bytes is more than the ${requestMax} that a server takes (jute.maxbuffer)`,
  );
}

export function nodeDataRefusal(data: unknown, requestMax: number): Error | undefined {
  return data === null ? undefined : dataRefusal(data, requestMax);
}

/** @throws TypeError, RangeError */
export function checkArguments(version: number, data: Data, requestMax: number): void {
  const refusal = versionRefusal(version) ?? dataRefusal(data, requestMax);
  if (refusal !== undefined) throw refusal;
}
