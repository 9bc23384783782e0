/**
 * What a dial offers as subprotocols (RFC 6455, 1.9). A page can send no header of its own and a URL ends up in logs, so a
 * token travels here, behind a prefix; the server picks `zookeeper` and never says the token back.
 */
export const WEB_SOCKET_PROTOCOL = 'zookeeper';
export const WEB_SOCKET_TOKEN_PREFIX = 'corral.token.';

/** @throws RangeError where the token has letters that a subprotocol cannot have */
export function subprotocolsOf(token: string | undefined): string[] {
  if (token === undefined) return [WEB_SOCKET_PROTOCOL];
  if (!TOKEN.test(token)) throw new RangeError('a token consists of letters, digits, and . _ ~ -');
  return [WEB_SOCKET_PROTOCOL, WEB_SOCKET_TOKEN_PREFIX + token];
}

const TOKEN = /^[\w.~-]+$/;
