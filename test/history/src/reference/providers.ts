import { type AuthProviders, authProviders, digestProvider } from '@corral/datatree';

export const providers: AuthProviders = authProviders(digestProvider);

export const treeOptions = {
  digestEnabled: true,
  hashSeed: [1, 2],
  extendedTypesEnabled: false,
  emulate353TTLNodes: false,
} as const;
