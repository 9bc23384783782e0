import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';

/**
 * One number for all the code that a simulation runs: equal where the same seeds give the same hashes. Specs, the history
 * checker and scripts stand beside it and are not counted.
 */
export async function sourcesHash(): Promise<string> {
  const files: string[] = [];
  for (const name of await simulated())
    for await (const file of glob('src/**/*.ts', { cwd: new URL(`${name}/`, PACKAGES) })) {
      const path = `${name}/${file}`;
      if (!BESIDE.test(path)) files.push(path);
    }
  const hash = createHash('sha256');
  for (const path of files.toSorted()) hash.update(path).update(await readFile(new URL(path, PACKAGES)));
  return hash.digest('hex').slice(0, 16);
}

/** The packages that the simulator needs, and those that they need. */
async function simulated(): Promise<readonly string[]> {
  const names = ['testing', 'persistence-file'];
  for (const name of names) {
    const text = await readFile(new URL(`${name}/package.json`, PACKAGES), 'utf8');
    const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> };
    for (const dependency of Object.keys(dependencies)) {
      const own = dependency.replace('@corral/', '');
      if (own !== dependency && !names.includes(own)) names.push(own);
    }
  }
  return names;
}

const PACKAGES = new URL('../../../packages/', import.meta.url);
const BESIDE = /\.test\.ts$|^testing\/src\/(checker|cluster|shrink)|\/compliance\//;
