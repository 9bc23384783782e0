import { MAX_BUFFER_DEFAULT } from '@corral/jute';
import type { Clock, Random } from '@corral/runtime';
import type { DialingTransport } from '@corral/transport';
import { dataRefusal } from './arguments.ts';
import { Client } from './client.ts';
import { parseConnectString } from './connect-string.ts';
import { followEnsemble } from './ensemble-follower.ts';
import type { Observer } from './observer.ts';
import type { Data } from './results.ts';
import { serviceOf, type ServiceLookup } from './service-lookup.ts';
import { Session } from './session.ts';

/** Times are in milliseconds. */
export interface ClientOptions {
  /** Asked for; the server has the last word. Default 10 s. */
  readonly sessionTimeout?: number;
  /** How long what was asked for may wait for any server at all, before it fails with what was tried. Default: the session timeout. */
  readonly connectTimeout?: number;
  /** How long a server may take to answer; then the connection is given up. Default 0: until it is silent altogether. */
  readonly requestTimeout?: number;
  /** Is content with a server that has lost its quorum, for reads, while it looks for a better one. Default false. */
  readonly readOnly?: boolean;
  /**
   * When the session has expired: `fail` ends the client; `newSession` begins another, in which ephemeral nodes are gone
   * and watches stand again, told as `resync`. Default `fail`.
   */
  readonly onExpired?: 'fail' | 'newSession';
  /** Identities, proved at every connection. */
  readonly auth?: readonly { readonly scheme: string; readonly auth: Data }[];
  /** Goes on with a session of another client (`sessionId`, `sessionPassword`). */
  readonly session?: { readonly id: bigint; readonly password: Uint8Array };
  /** The longest request, in bytes: the servers' `jute.maxbuffer`. Default 1048575, as theirs. */
  readonly requestMax?: number;
  /** The longest reply that is believed, in bytes. Default 64 MiB. */
  readonly replyMax?: number;
  /** Requests that may be asked for and not answered. Default 100000. */
  readonly pendingMax?: number;
  /** Bytes of requests that the network may not have taken yet. Default 64 MiB. */
  readonly unsentMax?: number;
  /**
   * Follows changes of the ensemble's members (`/zookeeper/config`, from 3.5 on): uses the servers that are named there,
   * and moves to another one so that all have as many clients. Only where clients reach the servers by the addresses in
   * that node. Default false.
   */
  readonly followEnsemble?: boolean;
  readonly observer?: Observer;
}

/** The world, as the client sees it. */
export interface ClientWorld {
  readonly transport: DialingTransport;
  readonly clock: Clock;
  readonly random: Random;
  /** Finds the servers of a connect string `srv+NAME`. */
  readonly lookUpService?: ServiceLookup;
}

/**
 * A client of `host:port,host:port/chroot` or `srv+NAME/chroot`, over any transport. It is there at once and connects by itself; what is
 * asked for meanwhile waits. `connected()` tells when it is.
 *
 * @throws TypeError, RangeError for what cannot be
 */
export function createClient(hosts: string, world: ClientWorld, options: ClientOptions = {}): Client {
  const { servers, service, chroot } = parseConnectString(hosts);
  const sessionTimeoutMs = positive('sessionTimeout', options.sessionTimeout ?? 10_000);
  const requestMax = positive('requestMax', options.requestMax ?? MAX_BUFFER_DEFAULT);
  const { onExpired = 'fail' } = options;
  if (onExpired !== 'fail' && onExpired !== 'newSession')
    throw new RangeError(`onExpired of ${String(onExpired)}`);
  const identities = options.auth ?? [];
  checkIdentities(identities, requestMax);
  const session = new Session({
    ...world,
    servers,
    service: service === undefined ? undefined : serviceOf(service, world.lookUpService),
    sessionTimeoutMs,
    connectTimeoutMs: positive('connectTimeout', options.connectTimeout ?? sessionTimeoutMs),
    requestTimeoutMs:
      options.requestTimeout === undefined ? 0 : orZero('requestTimeout', options.requestTimeout),
    readOnly: options.readOnly ?? false,
    onExpired,
    session: sessionToGoOnWith(options.session),
    requestMax,
    replyMax: positive('replyMax', options.replyMax ?? 64 * 1024 * 1024),
    pendingMax: positive('pendingMax', options.pendingMax ?? 100_000),
    unsentMax: positive('unsentMax', options.unsentMax ?? 64 * 1024 * 1024),
    observer: options.observer ?? {},
  });
  const client = new Client({ ...world, session, requestMax }, chroot);
  if (options.followEnsemble) followEnsemble(session);
  // Refused ones are told by the state, and by everything that is asked for.
  for (const { scheme, auth } of identities) client.addAuth(scheme, auth).catch(() => {});
  return client;
}

function checkIdentities(identities: unknown, requestMax: number): void {
  if (!Array.isArray(identities)) throw new TypeError('auth is not a list');
  for (const { scheme, auth } of identities as readonly { scheme?: unknown; auth?: unknown }[]) {
    const refusal = dataRefusal(auth, requestMax);
    if (typeof scheme !== 'string' || refusal instanceof TypeError)
      throw new TypeError('an entry of auth is not { scheme, auth }, text and data');
    if (refusal !== undefined) throw refusal;
  }
}

function sessionToGoOnWith(session: ClientOptions['session']): ClientOptions['session'] {
  if (session === undefined) return undefined;
  const { id, password } = session;
  if (typeof id !== 'bigint') throw new TypeError(`the id of the session is a ${typeof id}, not a bigint`);
  if (!(password instanceof Uint8Array)) throw new TypeError('the password of the session is no Uint8Array');
  return { id, password: password.slice() };
}

function orZero(name: string, value: number): number {
  return value === 0 ? 0 : positive(name, value);
}

function positive(name: string, value: number): number {
  if (typeof value !== 'number') throw new TypeError(`${name} is a ${typeof value}, not a number`);
  if (!(value > 0 && value <= 0x7fff_ffff)) throw new RangeError(`${name} of ${value}`);
  return value;
}
