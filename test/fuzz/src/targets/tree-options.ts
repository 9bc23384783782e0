import type { DataTreeOptions } from '@corral/datatree';

export const TREE_OPTIONS: DataTreeOptions = {
  digestEnabled: true,
  extendedTypesEnabled: true,
  emulate353TTLNodes: false,
  hashSeed: [1, 2],
};
