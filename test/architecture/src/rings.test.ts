import { describe, expect, it } from 'vitest';
import { adaptersComposed, importsAllowed, ringOf, rings } from './rings.ts';
import { importsOf, isSpec, ourPackageOf, readJsonc, thirdPartyPackageOf, workspaces } from './workspace.ts';

const packages = workspaces('packages');
const apps = workspaces('apps');
const proofs = workspaces('test');
const adapters = new Set(rings.filter(({ tag }) => tag === 'adapter').flatMap((ring) => ring.packages));

describe('the rings', () => {
  it('hold every package once', () => {
    const names = rings.flatMap((ring) => ring.packages);

    expect(new Set(names).size).toBe(names.length);
    expect(packages.filter(({ name }) => ringOf(name) === undefined)).toEqual([]);
  });

  it('are the tags of turbo boundaries', () => {
    const { tags } = readJsonc('turbo.json')['boundaries'] as { tags: Record<string, unknown> };

    expect(tags).toMatchObject(
      Object.fromEntries(
        rings.map(({ tag, mayImport, composes }) => [
          tag,
          // Tags know packages, not their entries: which folder it is in is asserted below.
          { dependencies: { allow: composes === undefined ? mayImport : [...mayImport, 'adapter'] } },
        ]),
      ),
    );
    for (const { folder, name } of packages)
      expect({ folder, tags: tagsOf(folder) }).toEqual({ folder, tags: [ringOf(name)?.tag] });
    for (const { folder } of apps)
      expect({ folder, tags: tagsOf(folder) }).toEqual({ folder, tags: ['app'] });
    for (const { folder } of proofs)
      expect({ folder, tags: tagsOf(folder) }).toEqual({ folder, tags: ['proof'] });
  });

  it('know the cores from each other, and from every contract', () => {
    for (const core of ['datatree', 'session', 'election', 'zab']) {
      expect(importsAllowed(core)).toEqual(['jute', 'protocol']);
    }
  });

  it('keep adapters from hosts', () => {
    for (const host of ['server', 'client', 'recipes', 'testing']) {
      expect(importsAllowed(host).filter((name) => adapters.has(name))).toEqual([]);
    }
  });
});

describe.each(packages)('$folder', ({ name, manifest, sources, readme }) => {
  const { dependencies = {}, devDependencies = {} } = manifest;
  const ring = ringOf(name);

  it('depends only on packages its ring may import', () => {
    const ours = [...Object.keys(dependencies), ...Object.keys(devDependencies)].map(ourPackageOf);

    const allowed = [...importsAllowed(name), ...Object.values(adaptersComposed(name)).flat()];

    expect(ours.filter((other) => other !== undefined && !allowed.includes(other))).toEqual([]);
  });

  it('imports only packages its ring may import, and adapters only where it puts itself together with them', () => {
    const wrong = sources.flatMap(importsOf).filter(({ file, specifier }) => {
      const other = ourPackageOf(specifier);
      if (other === undefined || other === name || importsAllowed(name).includes(other)) return false;
      return !Object.entries(adaptersComposed(name)).some(
        ([entry, composed]) => file.startsWith(`packages/${name}/src/${entry}/`) && composed.includes(other),
      );
    });

    expect(wrong).toEqual([]);
  });

  it('imports itself and its neighbours only through what they export', () => {
    const exported = new Map(
      packages.map((other) => [other.name, Object.keys(other.manifest.exports ?? {})]),
    );
    const deep = sources.flatMap(importsOf).filter(({ specifier }) => {
      const other = ourPackageOf(specifier);
      if (other === undefined) return false;
      return exported.get(other)?.includes(specifier.replace(`@corral/${other}`, '.')) !== true;
    });

    expect(deep).toEqual([]);
  });

  it('imports no path outside its own sources, but for what its specs find in test/', () => {
    const outside = sources.flatMap(importsOf).filter(({ file, specifier }) => {
      if (!specifier.startsWith('.')) return false;
      const { pathname } = new URL(specifier, `file:///${file}`);
      const places = isSpec(file)
        ? [`/packages/${name}/src/`, `/packages/${name}/test/`]
        : [`/packages/${name}/src/`];
      return !places.some((place) => pathname.startsWith(place));
    });

    expect(outside).toEqual([]);
  });

  it('lists in dependencies exactly what its sources import', () => {
    const used = sources
      .filter((file) => !isSpec(file))
      .flatMap(importsOf)
      .map(({ specifier }) => packageOf(specifier))
      .filter((other) => other !== undefined && other !== `@corral/${name}`);

    expect(new Set(Object.keys(dependencies))).toEqual(new Set(used));
  });

  it('gives a reason in its README for each third-party dependency, where its ring may have any', () => {
    const thirdParty = Object.keys(dependencies).filter((other) => ourPackageOf(other) === undefined);

    expect(ring?.hasThirdParty === true ? [] : thirdParty).toEqual([]);
    expect(thirdParty.filter((other) => !readme.includes(`\`${other}\``))).toEqual([]);
  });
});

function packageOf(specifier: string): string | undefined {
  const ours = ourPackageOf(specifier);
  return ours === undefined ? thirdPartyPackageOf(specifier) : `@corral/${ours}`;
}

function tagsOf(folder: string): unknown {
  return readJsonc(`${folder}/turbo.json`)['tags'];
}
