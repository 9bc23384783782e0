import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Missing } from './program.ts';

const pom = join(import.meta.dirname, '../../apache/pom.xml');
/** Another `pom.xml` has another folder. */
const cache = join(
  import.meta.dirname,
  '../../node_modules/.cache',
  `apache-3.9-${hash('sha256', readFileSync(pom)).slice(0, 8)}`,
);

/**
 * The folder with the jars of Apache ZooKeeper 3.9: the one `APACHE_39_LIB` names, or one that Maven fills once
 * from `apache/pom.xml`.
 */
export function apache39Jars(): { readonly directory: string } | Missing {
  const named = process.env['APACHE_39_LIB'];
  if (named !== undefined && named !== '') return { directory: named };
  const complete = join(cache, '.complete');
  if (!existsSync(complete)) {
    const failure = fetchJars();
    if (failure !== undefined) return { missing: `Apache ZooKeeper 3.9 (${failure})` };
    mkdirSync(complete);
  }
  return { directory: cache };
}

function fetchJars(): string | undefined {
  const words = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${cache}`];
  const maven = spawnSync('mvn', words, { encoding: 'utf8', timeout: 300_000 });
  if (maven.error !== undefined) return 'mvn is not installed';
  if (maven.status !== 0) return `mvn failed: ${maven.stdout.slice(-400)}`;
  return undefined;
}
