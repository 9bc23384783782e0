/** What ACLs need of an authentication scheme. Pure: how somebody proves to be somebody is the server's affair. */
export interface AuthProvider {
  readonly scheme: string;
  /** Whether `auth:` in an ACL stands for identities of this scheme. */
  readonly isAuthenticated: boolean;
  /** Whether an ACL may hold this id. */
  isValidId(id: string): boolean;
  /** @param identityId who somebody is @param aclId what the ACL says */
  matches(identityId: string, aclId: string): boolean;
}

export type AuthProviders = ReadonlyMap<string, AuthProvider>;

export const ipProvider: AuthProvider = unwritten('ip');
export const digestProvider: AuthProvider = unwritten('digest');

/** @param anyUser `zookeeper.letAnySaslUserDoX` */
export function saslProvider(_anyUser?: string): AuthProvider {
  return unwritten('sasl');
}

/** @param superUser `zookeeper.X509AuthenticationProvider.superUser` */
export function x509Provider(_superUser?: string): AuthProvider {
  return unwritten('x509');
}

export function authProviders(...providers: readonly AuthProvider[]): AuthProviders {
  return new Map(providers.map((provider) => [provider.scheme, provider]));
}

function unwritten(scheme: string): AuthProvider {
  return { scheme, isAuthenticated: false, isValidId: () => false, matches: () => false };
}
