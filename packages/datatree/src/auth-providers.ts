import { isDistinguishedName } from './distinguished-name.ts';
import { AddressRange, parseAddress } from './ip-address.ts';

/** What ACLs need of an authentication scheme. Pure: how somebody proves to be somebody is the server's affair. */
export interface AuthProvider {
  readonly scheme: string;
  /** Whether `auth` in an ACL stands for identities of this scheme. */
  readonly isAuthenticated: boolean;
  /** Whether an ACL may hold this id. */
  isValidId(id: string): boolean;
  /** @param identityId who somebody is @param aclId what the ACL says */
  matches(identityId: string, aclId: string): boolean;
}

/** By scheme. `world` and `auth` are no providers: ACLs know them by themselves. */
export type AuthProviders = ReadonlyMap<string, AuthProvider>;

export function authProviders(...providers: readonly AuthProvider[]): AuthProviders {
  return new Map(providers.map((provider) => [provider.scheme, provider]));
}

/** Addresses, alone or as `address/bits`, of either version of IP (version 6 since 3.9.4). */
export const ipProvider: AuthProvider = {
  scheme: 'ip',
  isAuthenticated: false,
  isValidId(id: string): boolean {
    return AddressRange.parse(id) !== undefined;
  },
  matches(identityId: string, aclId: string): boolean {
    const address = parseAddress(identityId);
    return address !== undefined && AddressRange.parse(aclId)?.includes(address) === true;
  },
};

/** `user:base64(sha1(user:password))`. */
export const digestProvider: AuthProvider = {
  scheme: 'digest',
  isAuthenticated: true,
  isValidId(id: string): boolean {
    // Java's split drops empty strings at the end: `a:` is one part, `:a` are two.
    const parts = id.split(':');
    while (parts.length > 0 && parts[parts.length - 1] === '') parts.pop();
    return parts.length === 2;
  },
  matches(identityId: string, aclId: string): boolean {
    return identityId === aclId;
  },
};

/**
 * Names that SASL has proved.
 *
 * @param anyUser an id in ACLs that stands for whoever came by SASL (`zookeeper.letAnySaslUserDoX`)
 */
export function saslProvider(anyUser?: string): AuthProvider {
  return {
    scheme: 'sasl',
    isAuthenticated: true,
    isValidId(id: string): boolean {
      return !id.includes('@') || /^[^/@]*(?:\/[^/@]*)?@[^/@]*$/.test(id);
    },
    matches(identityId: string, aclId: string): boolean {
      return identityId === 'super' || identityId === aclId || (anyUser !== undefined && aclId === anyUser);
    },
  };
}

/**
 * Names in the certificates of clients.
 *
 * @param superUser the one who may do everything (`zookeeper.X509AuthenticationProvider.superUser`)
 */
export function x509Provider(superUser?: string): AuthProvider {
  return {
    scheme: 'x509',
    isAuthenticated: true,
    isValidId: isDistinguishedName,
    matches(identityId: string, aclId: string): boolean {
      return identityId === aclId || (superUser !== undefined && identityId === superUser);
    },
  };
}
