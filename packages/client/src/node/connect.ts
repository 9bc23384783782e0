import { holdingNodeClock, nodeDiagnostics, nodeRandom } from '@corral/runtime/node';
import { lookUpService as lookUpSrv, tcp } from '@corral/transport-tcp';
import type { Op } from '../abort-signal.ts';
import type { Client } from '../client.ts';
import { connectedClient } from '../connected-client.ts';
import type { ClientOptions, ClientWorld } from '../create-client.ts';
import { diagnosticsObserver } from '../diagnostics-observer.ts';

/** Any part of the world may be another one than Node's. */
export interface ConnectOptions extends ClientOptions, Partial<ClientWorld>, Op {}

/**
 * Connects over TCP, with the clock, the randomness and the resolver of Node, and tells `node:diagnostics_channel` what
 * happens, unless there is an `observer`. Resolves when a server has answered; rejects, with all that was tried, when none
 * did for `connectTimeout`, and leaves nothing behind then.
 */
export function connect(hosts: string, options: ConnectOptions = {}): Promise<Client> {
  const {
    signal,
    transport = tcp(),
    // Between two dials nothing else would keep the process alive.
    clock = holdingNodeClock,
    random = nodeRandom,
    lookUpService = lookUpSrv,
    observer = diagnosticsObserver(hosts, nodeDiagnostics),
    ...rest
  } = options;
  const world = { transport, clock, random, lookUpService };
  return connectedClient(hosts, world, { ...rest, observer }, signal === undefined ? {} : { signal });
}
