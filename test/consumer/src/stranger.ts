import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm, onPinnedNode } from './programs.ts';

/** What a package says of itself once it is packed: `publishConfig` has been applied. */
export interface PackedManifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly engines: { readonly node: string };
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** One package of those that are installed together. */
export interface PackedPackage {
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly tarballBytes: number;
}

const root = join(import.meta.dirname, '../../..');

/** Somebody with an empty project, to whom the packed packages are all there is of Corral. */
export class Stranger {
  readonly tarballs: readonly string[];
  readonly project: string;
  readonly installed: readonly PackedManifest[];
  readonly #folder: string;

  private constructor(folder: string, tarballs: readonly string[], project: string) {
    this.#folder = folder;
    this.tarballs = tarballs;
    this.project = project;
    this.installed = globSync('node_modules/@corral/*/package.json', { cwd: project })
      .toSorted()
      .map((path) => JSON.parse(readFileSync(join(project, path), 'utf8')) as PackedManifest);
  }

  /** Packs all that is published and installs it with npm: the tarballs find each other, the rest is the registry's. */
  static async arrive(): Promise<Stranger> {
    const folder = mkdtempSync(join(tmpdir(), 'corral-consumer-'));
    await npm(root, `run -s pm -- -r --filter @corral/* pack --pack-destination ${folder}`);
    const tarballs = globSync(join(folder, '*.tgz')).toSorted();
    const project = join(folder, 'project');
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    await npm(
      project,
      `install --prefer-offline --no-audit --no-fund --loglevel=error ${tarballs.join(' ')}`,
    );
    return new Stranger(folder, tarballs, project);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.project, name), text);
  }

  /** Writes a module that imports every entry of every package. Returns the entries. */
  writeImportOfEverything(name: string): readonly string[] {
    const entries = this.installed.flatMap((manifest) =>
      Object.keys(manifest.exports)
        .filter((key) => key !== './package.json')
        .map((key) => `${manifest.name}${key.slice(1)}`),
    );
    const imports = entries.map((entry, index) => `import * as entry${index} from '${entry}';`).join('\n');
    const everything = entries.map((_, index) => `entry${index}`).join(', ');
    this.write(name, `${imports}\nexport const everything: object[] = [${everything}];\n`);
    return entries;
  }

  /** The package, and all of ours that it needs. */
  closureOf(name: string): readonly PackedPackage[] {
    const names = new Set([name]);
    const closure: PackedPackage[] = [];
    for (const each of names) {
      const manifest = this.installed.find((one) => one.name === each);
      if (manifest === undefined) continue;
      const dependencies = Object.keys(manifest.dependencies ?? {});
      for (const dependency of dependencies) names.add(dependency);
      const file = `${each.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`;
      const tarball = this.tarballs.find((path) => path.endsWith(`/${file}`))!;
      closure.push({ name: each, dependencies, tarballBytes: statSync(tarball).size });
    }
    return closure;
  }

  /** Strictly, and without the types of any platform. */
  async compile(): Promise<void> {
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2024',
      lib: ['es2024'],
      types: [],
      strict: true,
    };
    this.write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    await onPinnedNode(this.project, join(root, 'node_modules/.bin/tsc'), '-p .');
  }

  leave(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
