import type { Digests } from '@corral/runtime';
import { bytesOf } from './encode-operation.ts';

/** How ACLs name whoever shows these credentials (`user:password`) under the scheme `digest`: `user:base64(sha1)`. */
export function digestIdentity(digests: Digests, credentials: string): string {
  const user = credentials.slice(0, credentials.indexOf(':'));
  return `${user}:${base64(digests.digest('sha1', bytesOf(credentials)))}`;
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const word = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let digit = 0; digit < 4; digit++)
      text += at + digit > bytes.length ? '=' : ALPHABET[(word >> (18 - 6 * digit)) & 63];
  }
  return text;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
