import { fileURLToPath } from 'node:url';
import { type OutputChunk, rolldown } from 'rolldown';

/** All that a page loads for this source, as one script. What is not found in a browser stays an import. */
export async function bundle(source: string): Promise<OutputChunk> {
  const build = await rolldown({
    input: fileURLToPath(new URL(source, import.meta.url)),
    platform: 'browser',
    external: /^node:/,
    logLevel: 'silent',
  });
  try {
    const { output } = await build.generate({ format: 'esm', minify: true });
    return output[0];
  } finally {
    await build.close();
  }
}
