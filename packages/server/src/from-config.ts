import type { DataTreeOptions } from '@corral/datatree';
import type { Random } from '@corral/runtime';
import type { ListenOptions } from '@corral/transport';
import type { ServerConfig } from './config.ts';

/** @param random chooses the key of the path hash */
export function treeOptions(config: ServerConfig, random: Random): DataTreeOptions {
  const seed = random.bytes(8);
  const view = new DataView(seed.buffer, seed.byteOffset, seed.byteLength);
  return {
    digestEnabled: config.digestEnabled,
    extendedTypesEnabled: config.extendedTypesEnabled,
    emulate353TTLNodes: config.emulate353TtlNodes,
    hashSeed: [view.getUint32(0), view.getUint32(4)],
  };
}

/** The longest string or buffer believed between servers and from disk, and the longest transaction, in bytes. */
export function valueMaxOf(config: ServerConfig): number {
  return config.juteMaxBuffer + config.juteMaxBufferExtraSize;
}

/** Where clients come. */
export function clientListenOptions(config: ServerConfig): ListenOptions {
  const { clientPortAddress: host, clientPort: port, clientPortListenBacklog: backlog } = config;
  const keepAlive = config.clientTcpKeepAlive;
  return backlog > 0 ? { host, port, keepAlive, backlog } : { host, port, keepAlive };
}
