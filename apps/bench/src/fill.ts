import type { Stage } from './stage.ts';

/** Makes `count` nodes below the root of the stage, and the root where it is missing. Those that are there stay. */
export async function fill(stage: Stage, count: number): Promise<{ readonly seconds: number }> {
  const begun = performance.now();
  await stage.makeNodes(pathsTo(stage.root), true);
  await stage.makeNodes(pathsBelow(stage.root, count), true);
  return { seconds: (performance.now() - begun) / 1000 };
}

/** `/a`, `/a/b`, `/a/b/c` for `/a/b/c`. */
function pathsTo(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((_, i, names) => `/${names.slice(0, i + 1).join('/')}`);
}

function* pathsBelow(root: string, count: number): Generator<string> {
  for (let number = 0; number < count; number++) yield `${root}/n${String(number).padStart(8, '0')}`;
}
