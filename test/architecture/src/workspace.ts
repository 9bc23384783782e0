import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { parseSync } from 'oxc-parser';

export const root: string = join(import.meta.dirname, '../../..');

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly files?: readonly string[];
  readonly engines?: Readonly<Record<string, string>>;
  readonly repository?: { readonly directory: string };
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string>>;
  readonly publishConfig?: {
    readonly access?: string;
    readonly bin?: Readonly<Record<string, string>>;
    readonly exports?: Readonly<
      Record<string, string | { readonly types: string; readonly default: string }>
    >;
  };
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Workspace {
  /** The folder's name: `jute`, `server`. */
  readonly name: string;
  /** Relative to the root, with slashes: `packages/jute`. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly readme: string;
  /** TypeScript files under `src`, relative to the root, with slashes. */
  readonly sources: readonly string[];
}

/** One `import` or `export ... from` (or `import()` of a literal) of a file. */
export interface Import {
  readonly file: string;
  readonly line: number;
  readonly specifier: string;
}

export function workspaces(kind: 'packages' | 'apps' | 'test'): readonly Workspace[] {
  return glob(`${kind}/*/package.json`).map((path) => {
    const folder = dirname(path);
    return {
      name: basename(folder),
      folder,
      manifest: JSON.parse(read(path)) as Manifest,
      readme: existsSync(join(root, folder, 'README.md')) ? read(`${folder}/README.md`) : '',
      sources: glob(`${folder}/src/**/*.ts`),
    };
  });
}

export function glob(pattern: string): readonly string[] {
  return globSync(pattern, { cwd: root })
    .map((path) => path.replaceAll(sep, '/'))
    .toSorted();
}

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** JSON with whole-line comments, as turbo.json has them. */
export function readJsonc(path: string): Record<string, unknown> {
  return JSON.parse(read(path).replaceAll(/^\s*\/\/.*$/gm, '')) as Record<string, unknown>;
}

export function isSpec(file: string): boolean {
  return file.endsWith('.test.ts');
}

export function importsOf(file: string): readonly Import[] {
  const text = read(file);
  const { module } = parseSync(file, text);
  const requests = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest),
    ...module.staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest)),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
      start,
      value: text.slice(start, end).replace(/^['"](.*)['"]$/, '$1'),
    })),
  ];
  return requests
    .filter((request) => request !== null)
    .map(({ start, value }) => ({ file, line: text.slice(0, start).split('\n').length, specifier: value }));
}

/** `@corral/persistence/memory` is of package `persistence`; undefined for all that is not ours. */
export function ourPackageOf(specifier: string): string | undefined {
  return /^@corral\/([^/]+)/.exec(specifier)?.[1];
}

/** `classic-level` of `classic-level/x`, `@scope/name` of `@scope/name/x`; undefined for paths and `node:*`. */
export function thirdPartyPackageOf(specifier: string): string | undefined {
  if (/^(\.|node:|@corral\/)/.test(specifier)) return undefined;
  return /^(@[^/]+\/[^/]+|[^/]+)/.exec(specifier)?.[1];
}
