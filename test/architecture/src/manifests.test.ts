import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ringOf } from './rings.ts';
import { ourPackageOf, read, readJsonc, root, workspaces, type Manifest } from './workspace.ts';

const packages = workspaces('packages');
const published = [...packages, ...workspaces('apps')].filter(
  (workspace) => workspace.manifest.private !== true,
);

describe('the published packages', () => {
  it('share one version', () => {
    expect(new Set(published.map(({ manifest }) => manifest.version)).size).toBe(1);
  });

  it('are all built by one tsc -b at the root', () => {
    expect(pathsOf('tsconfig.build.json').toSorted()).toEqual(
      published.map(({ folder }) => folder).toSorted(),
    );
  });
});

describe.each(['test/consumer', 'test/readme-examples'])('%s', (folder) => {
  it('depends on every published library, or on every package, so that it sees each change', () => {
    const { devDependencies = {} } = JSON.parse(read(`${folder}/package.json`)) as Manifest;
    const wanted = folder === 'test/consumer' ? published : packages;

    expect(wanted.filter(({ manifest }) => devDependencies[manifest.name] === undefined)).toEqual([]);
  });
});

describe.each(published)('$folder/package.json', ({ folder, name, manifest }) => {
  it('says what the package is', () => {
    expect(manifest).toMatchObject({
      name: folder.startsWith('apps/') ? `@corral/app-${name}` : `@corral/${name}`,
      description: expect.stringMatching(/^[A-Z]?[^.]{10,}[^.]$/),
      license: 'Apache-2.0',
      type: 'module',
      sideEffects: false,
      repository: { directory: folder },
      engines: { node: '>=22.18' },
    });
  });

  it('packs sources and what is built from them, without specs', () => {
    expect(manifest.files).toEqual(['dist', 'src', '!src/**/*.test.ts', '!dist/.tsbuildinfo']);
  });

  it('publishes, built, exactly the entries that the workspace imports as sources', () => {
    const built = Object.entries(manifest.exports ?? {}).map(([key, path]) => [
      key,
      path.endsWith('.json') ? path : { types: distOf(path, 'd.ts'), default: distOf(path, 'js') },
    ]);

    expect(manifest.exports).toHaveProperty(['./package.json']);
    expect(manifest.publishConfig?.exports ?? manifest.exports).toEqual(Object.fromEntries(built));
    expect(manifest.publishConfig?.access).toBe('public');
  });

  it('is entered through tables of contents', () => {
    const entries = Object.values(manifest.exports ?? {}).filter((path) => path.endsWith('.ts'));

    expect(
      entries.filter((path) => !path.endsWith('/index.ts') || !existsSync(join(root, folder, path))),
    ).toEqual([]);
  });

  it('publishes its programs built', () => {
    const programs = Object.entries(manifest.bin ?? {});
    const packed = manifest.publishConfig?.bin ?? {};

    expect(Object.keys(packed)).toEqual(programs.map(([program]) => program));
    for (const [program, path] of programs) {
      // A bundle is made of the same file.
      const source = packed[program]?.replace(/^\.\/dist\/(?:bundle\/)?(.*)\.js$/, './src/$1.ts') ?? '';
      expect(read(`${folder}/${path}`)).toMatch(/^#!\/usr\/bin\/env node\n/);
      expect(read(`${folder}/${source}`)).toMatch(/^#!\/usr\/bin\/env node\n/);
    }
  });

  it('is compiled against exactly the packages it depends on', () => {
    const references = pathsOf(`${folder}/tsconfig.json`).map((path) => path.replace(/^.*\//, ''));
    const dependencies = Object.keys({ ...manifest.dependencies }).map(ourPackageOf);

    expect(references.toSorted()).toEqual(dependencies.filter((other) => other !== undefined).toSorted());
  });
});

// runtime, transport and persistence have a subpath each that knows Node, or node:assert; the linter watches the rest.
const compiledPure = packages.filter(
  ({ name }) => ringOf(name)?.isPure && !/^(runtime|transport|persistence)$/.test(name),
);

describe.each(compiledPure)('$folder/tsconfig.json', ({ folder }) => {
  it('compiles without the types of the platform', () => {
    expect(readJsonc(`${folder}/tsconfig.json`)).toMatchObject({ extends: '../../tsconfig.pure.json' });
  });
});

function distOf(path: string, extension: string): string {
  return path.replace('./src/', './dist/').replace(/ts$/, extension);
}

function pathsOf(tsconfig: string): readonly string[] {
  const { references } = readJsonc(tsconfig) as { references: readonly { path: string }[] };
  return references.map(({ path }) => path);
}
