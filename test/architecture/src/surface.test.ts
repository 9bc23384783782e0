import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { read, workspaces } from './workspace.ts';

/**
 * What each package offers, frozen in `surface/`. A change there is a change for users: it comes with a changeset.
 * `vitest run --project test/architecture -u` writes the new list.
 */
describe.each(workspaces('packages'))('@corral/$name', ({ name, folder, manifest }) => {
  it('exports what it promised', async () => {
    const entries = Object.entries(manifest.exports ?? {}).filter(([, path]) => path.endsWith('.ts'));
    const text = entries.map(([key, path]) =>
      listing(`@corral/${name}${key.slice(1)}`, namesOf(`${folder}/${path}`)),
    );

    await expect(text.join('\n')).toMatchFileSnapshot(`../surface/${name}.txt`);
  });
});

function listing(entry: string, names: readonly string[]): string {
  return `${entry}\n${names.map((name) => `  ${name}\n`).join('')}`;
}

/** Sorted; types are marked. An index only re-exports, so its text is the whole truth (see sources.test.ts). */
function namesOf(file: string): readonly string[] {
  const { module } = parseSync(file, read(file));
  return module.staticExports
    .flatMap(({ entries }) => entries)
    .map(({ exportName, isType }) => `${exportName.name ?? '*'}${isType ? ' (type)' : ''}`)
    .toSorted();
}
