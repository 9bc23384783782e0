/**
 * The ring table of docs/ARCHITECTURE.md as data. A new package is added here, to the picture, and to the tags of its
 * turbo.json.
 */
export interface Ring {
  readonly title: string;
  /** What its packages are tagged with for `turbo boundaries`. */
  readonly tag: RingTag;
  /** Package names without the scope. */
  readonly packages: readonly string[];
  /** The rings its packages may import from; turbo.json says the same. */
  readonly mayImport: readonly RingTag[];
  /** The only packages of those rings that it may import, where that is not all of them. */
  readonly butOnly?: readonly string[];
  /**
   * Packages with entries that put the package together with adapters, ready for use on one platform (`/node`, `/browser`),
   * and which adapters: only the sources of that entry (`src/node/`, `src/browser/`) may import them.
   */
  readonly composes?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** No clock, timer, randomness or platform: see the purity rules in .oxlintrc.json. */
  readonly isPure: boolean;
  /** Third-party packages are allowed at run time, each with its reason in the README. */
  readonly hasThirdParty: boolean;
}

export type RingTag = 'world' | 'vocabulary' | 'core' | 'adapter' | 'host';

export const rings: readonly Ring[] = [
  {
    title: 'words and world',
    tag: 'world',
    packages: ['jute', 'runtime'],
    mayImport: ['world'],
    isPure: true,
    hasThirdParty: false,
  },
  {
    title: 'vocabulary and contracts',
    tag: 'vocabulary',
    packages: ['protocol', 'transport', 'persistence'],
    mayImport: ['world', 'vocabulary'],
    isPure: true,
    hasThirdParty: false,
  },
  {
    title: 'pure cores',
    tag: 'core',
    packages: ['datatree', 'session', 'election', 'zab'],
    mayImport: ['world', 'vocabulary'],
    // Values in, values out: a core knows neither its neighbours, nor a contract, nor the time.
    butOnly: ['jute', 'protocol'],
    isPure: true,
    hasThirdParty: false,
  },
  {
    title: 'adapters',
    tag: 'adapter',
    packages: ['transport-tcp', 'transport-websocket', 'persistence-file', 'persistence-level'],
    // An adapter proves itself against its contract; it needs no core.
    mayImport: ['world', 'vocabulary', 'adapter'],
    isPure: false,
    hasThirdParty: true,
  },
  {
    title: 'hosts',
    tag: 'host',
    packages: ['server', 'client', 'recipes', 'testing'],
    // Contracts and cores. Which adapter stands behind a contract is an app's choice.
    mayImport: ['world', 'vocabulary', 'core', 'host'],
    composes: {
      client: { node: ['transport-tcp'], browser: ['transport-websocket'] },
      testing: { node: ['transport-tcp', 'persistence-file'] },
    },
    isPure: true,
    hasThirdParty: false,
  },
];

export function ringOf(packageName: string): Ring | undefined {
  return rings.find((ring) => ring.packages.includes(packageName));
}

/** The packages (without scope) that `packageName` may import. */
export function importsAllowed(packageName: string): readonly string[] {
  const ring = ringOf(packageName);
  if (ring === undefined) return [];
  return (
    ring.butOnly ??
    rings.filter(({ tag }) => ring.mayImport.includes(tag)).flatMap(({ packages }) => packages)
  );
}

/** The adapters (without scope) that entries of `packageName` may import besides, by entry. */
export function adaptersComposed(packageName: string): Readonly<Record<string, readonly string[]>> {
  return ringOf(packageName)?.composes?.[packageName] ?? {};
}
