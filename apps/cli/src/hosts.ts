import type { CommandLine } from './command-line.ts';

/** Who is asked: what was named, the environment's, else whoever listens here. */
export function hostsOf({ hosts }: CommandLine, environment: NodeJS.ProcessEnv): string {
  return hosts ?? environment['CORRAL_SERVER'] ?? 'localhost:2181';
}
