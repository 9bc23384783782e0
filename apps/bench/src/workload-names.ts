export const workloadNames = [
  'read',
  'exists',
  'set',
  'create',
  'mixed',
  'children',
  'watch',
  'connect',
] as const;
export type WorkloadName = (typeof workloadNames)[number];
