import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { WEB_SOCKET_TOKEN_PREFIX } from '@corral/transport-websocket';

export interface AdmissionRules {
  /** Whose pages may connect: scheme, host and port exactly as a browser says them (`https://ops.example.com`). */
  readonly origins: readonly string[];
  /** Whether a caller that names no origin, so is no browser, is refused. */
  readonly requireOrigin: boolean;
  /** What every caller has to know; undefined: nothing. */
  readonly token: string | undefined;
}

export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

/**
 * Who may begin a WebSocket. Browsers let any page dial any address, this machine's own ports among them, and only name the
 * page's origin: so an origin that is not in the list is refused, and an empty list refuses every page.
 */
export class Admission {
  readonly #origins: ReadonlySet<string>;
  readonly #requireOrigin: boolean;
  readonly #token: Buffer | undefined;

  constructor({ origins, requireOrigin, token }: AdmissionRules) {
    this.#origins = new Set(origins);
    this.#requireOrigin = requireOrigin;
    this.#token = token === undefined ? undefined : digestOf(token);
  }

  refusalOf(headers: IncomingHttpHeaders): Refusal | undefined {
    // The second one is that of drafts before RFC 6455, which `ws` still lets in.
    const origin = headers.origin ?? headers['sec-websocket-origin'];
    if (origin === undefined ? this.#requireOrigin : !this.#origins.has(String(origin)))
      return {
        status: 403,
        reason: `origin ${origin === undefined ? 'not said' : 'not in corral.webSocketOrigins'}`,
      };
    if (!this.#knowsToken(headers['sec-websocket-protocol'] ?? ''))
      return { status: 401, reason: 'without the token' };
    return undefined;
  }

  /** In the same time whatever was said. */
  #knowsToken(subprotocols: string): boolean {
    if (this.#token === undefined) return true;
    const said = subprotocols
      .split(',')
      .map((each) => each.trim())
      .find((each) => each.startsWith(WEB_SOCKET_TOKEN_PREFIX));
    return timingSafeEqual(this.#token, digestOf(said?.slice(WEB_SOCKET_TOKEN_PREFIX.length) ?? ''));
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
