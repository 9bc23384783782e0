import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { glob, importsOf, isSpec, read, root, workspaces } from './workspace.ts';

const packages = workspaces('packages');
const everything = [...packages, ...workspaces('apps'), ...workspaces('test')];
const sources = everything.flatMap((workspace) => workspace.sources);

describe('sources', () => {
  it('have no drawer for leftovers: a helper lives with its noun', () => {
    const drawers = /(^|[/-])(utils?|helpers?|misc|common|shared)(\/|\.ts$|\.test\.ts$)/;

    expect(sources.filter((file) => drawers.test(file))).toEqual([]);
  });

  it('keep specs beside the code they specify', () => {
    const strangers = glob('{packages,apps}/*/*/**/*.test.ts').filter(
      (file) => !/^[^/]+\/[^/]+\/src\//.test(file),
    );

    expect(strangers).toEqual([]);
  });

  it('keep the test runner out of what is published', () => {
    const published = sources.filter((file) => !isSpec(file) && !file.startsWith('test/'));

    expect(published.flatMap(importsOf).filter(({ specifier }) => specifier === 'vitest')).toEqual([]);
  });

  it('are imported by their real name, extension included', () => {
    const vague = sources
      .flatMap(importsOf)
      .filter(({ specifier }) => specifier.startsWith('.') && !/\.(ts|json)$/.test(specifier));

    expect(vague).toEqual([]);
  });
});

describe.each(packages)('$folder', ({ folder, readme, sources: own }) => {
  it('has a README with an example to run', () => {
    expect(readme).toMatch(/^# /);
    expect(readme).toMatch(/^```ts$/m);
  });

  it('has specs', () => {
    expect(own.filter(isSpec)).not.toEqual([]);
  });

  it.each(glob(`${folder}/src/**/index.ts`))(
    '%s is a table of contents: named re-exports and nothing else',
    (file) => {
      const { program } = parseSync(`${root}/${file}`, read(file));
      const others = program.body.filter(
        (node) => node.type !== 'ExportNamedDeclaration' || node.source === null,
      );

      expect(others.map(({ type, start }) => `${type} at ${start}`)).toEqual([]);
    },
  );
});
