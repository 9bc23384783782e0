import {
  type AuthProvider,
  type AuthProviders,
  authProviders,
  digestProvider,
  ipProvider,
} from '@corral/datatree';
import { JuteWriter, utf8Decode } from '@corral/jute';
import { Identity } from '@corral/protocol';
import type { DigestAlgorithm, Digests } from '@corral/runtime';
import type { ServerConfig } from './config.ts';

/**
 * What an auth packet came to. `wrongServer`: the client looks for another ensemble, and is to try another server;
 * an answer would end its session for good.
 */
export type AuthOutcome = 'accepted' | 'failed' | 'wrongServer';

/** How clients show who they are (`org.apache.zookeeper.server.auth`), and which schemes ACLs may use. */
export class Authentication {
  readonly providers: AuthProviders;
  readonly #config: ServerConfig;
  readonly #digests: Digests;
  readonly #algorithm: DigestAlgorithm;
  readonly #ensembleNames: ReadonlySet<string>;
  /** Schemes of which one is enough; empty where nobody is asked. */
  readonly #required: readonly string[];

  /** @throws RangeError where the configuration asks for a scheme that is not there */
  constructor(config: ServerConfig, digests: Digests) {
    this.#config = config;
    this.#digests = digests;
    this.#algorithm = ALGORITHMS[config.digestAuth.algorithm];
    this.providers = authProviders(...enabledProviders(config));
    this.#ensembleNames = new Set(
      config.ensembleAuthName === '' ? [] : config.ensembleAuthName.split(',').map((name) => name.trim()),
    );
    this.#required = requiredSchemes(config);
    for (const scheme of this.#required) {
      if (scheme !== 'sasl' && !this.providers.has(scheme)) {
        throw new RangeError(`enforce.auth.schemes: authentication scheme ${scheme} is not available`);
      }
    }
  }

  get isEnforced(): boolean {
    return this.#required.length > 0;
  }

  /** Who a connection is from its first moment. */
  initialIdentities(remoteHost: string): readonly Identity[] {
    return [new Identity('ip', remoteHost)];
  }

  isAuthenticated(identities: readonly Identity[]): boolean {
    return (
      this.#required.length === 0 ||
      identities.some(({ scheme }) => scheme !== null && this.#required.includes(scheme))
    );
  }

  /** @returns the identities as they are now, or why there are none */
  authenticate(
    scheme: string | null,
    token: Uint8Array | null,
    identities: readonly Identity[],
    remoteHost: string,
  ): readonly Identity[] | Exclude<AuthOutcome, 'accepted'> {
    switch (scheme) {
      case 'digest':
        return this.#config.digestAuth.enabled && token !== null ? this.#digest(token, identities) : 'failed';
      case 'ip':
        // What the client says of its address is not asked for.
        return withIdentity(identities, 'ip', remoteHost);
      case 'ensemble':
        return this.#ensemble(token, identities);
      default:
        return 'failed';
    }
  }

  #digest(
    token: Uint8Array,
    identities: readonly Identity[],
  ): readonly Identity[] | Exclude<AuthOutcome, 'accepted'> {
    const text = token.length > TOKEN_BYTES_MAX ? undefined : utf8Decode(token, 0, token.length);
    if (text === undefined || identities.length >= IDENTITIES_MAX) return 'failed';
    const colon = text.indexOf(':');
    const user = colon < 0 ? text : text.slice(0, colon);
    const id = `${user}:${base64(this.#digests.digest(this.#algorithm, token))}`;
    const { superDigest } = this.#config.digestAuth;
    const isSuper =
      superDigest !== undefined && superDigest !== '' && this.#digests.equal(utf8(id), utf8(superDigest));
    const known = isSuper ? withIdentity(identities, 'super', '') : identities;
    return withIdentity(known, 'digest', id);
  }

  /** Not a way to show who one is, but to find out whether this is the ensemble one looks for. */
  #ensemble(
    token: Uint8Array | null,
    identities: readonly Identity[],
  ): readonly Identity[] | Exclude<AuthOutcome, 'accepted'> {
    if (this.#config.ensembleAuthName === '') return 'failed';
    if (token === null || token.length === 0) return identities;
    const name = utf8Decode(token, 0, token.length);
    return name !== undefined && this.#ensembleNames.has(name) ? identities : 'wrongServer';
  }
}

/** The body of the answer to whoAmI: names, never what a password could be guessed from. */
export function writeClientInfos(out: JuteWriter, identities: readonly Identity[]): void {
  out.writeInt(identities.length);
  for (const { scheme, id } of identities) {
    out.writeString(scheme);
    out.writeString(userName(scheme, id ?? ''));
  }
}

/** What a client may be called where others read it; '' where it has no name. */
export function userName(scheme: string | null, id: string): string {
  if (scheme === 'super') return '';
  return scheme === 'digest' ? id.slice(0, id.indexOf(':')) : id;
}

function enabledProviders(config: ServerConfig): AuthProvider[] {
  return config.digestAuth.enabled ? [ipProvider, digestProvider] : [ipProvider];
}

function requiredSchemes(config: ServerConfig): readonly string[] {
  if (config.sessionRequireClientSaslAuth) return ['sasl'];
  return config.enforceAuth.enabled ? config.enforceAuth.schemes : [];
}

/**
 * The list with one more, in the order in which Java's hash set gives them out: `auth:` in an ACL is replaced by
 * the identities in this order, and ACLs are compared and stored as lists.
 */
function withIdentity(identities: readonly Identity[], scheme: string, id: string): readonly Identity[] {
  if (identities.some((known) => known.scheme === scheme && known.id === id)) return identities;
  return [...identities, new Identity(scheme, id)].toSorted((a, b) => bucketOf(a) - bucketOf(b));
}

/** Its place in a `ConcurrentHashMap` of 16, which grows with the twelfth identity. Ours does not. */
function bucketOf({ scheme, id }: Identity): number {
  const hash = Math.imul(37, Math.imul(37, 17) + javaHash(scheme ?? '')) + javaHash(id ?? '');
  return (hash ^ (hash >>> 16)) & 15;
}

/** `String.hashCode`. */
function javaHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash;
}

function utf8(text: string): Uint8Array {
  const writer = new JuteWriter(4 + text.length);
  writer.writeString(text);
  return writer.bytes(4);
}

/** `Uint8Array.prototype.toBase64` is younger than the oldest Node.js we run on. */
function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const digits = Math.min(3, bytes.length - i) + 1;
    for (let k = 0; k < 4; k++) text += k < digits ? BASE64[(group >> (18 - 6 * k)) & 63] : '=';
  }
  return text;
}

/** What one connection may pile up; Apache has no bound. */
const IDENTITIES_MAX = 100;
const TOKEN_BYTES_MAX = 16 * 1024;

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const ALGORITHMS: Readonly<Record<ServerConfig['digestAuth']['algorithm'], DigestAlgorithm>> = {
  SHA1: 'sha1',
  'SHA-256': 'sha256',
  'SHA-512': 'sha512',
  MD5: 'md5',
};
