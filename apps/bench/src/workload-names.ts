/** Those that run when none is named. */
export const commonWorkloads = [
  'read',
  'exists',
  'set',
  'create',
  'createdelete',
  'mixed',
  'children',
  'watch',
  'connect',
] as const;

export type WorkloadName = (typeof commonWorkloads)[number] | 'snapshot-pause';
export const workloadNames: readonly WorkloadName[] = [...commonWorkloads, 'snapshot-pause'];
