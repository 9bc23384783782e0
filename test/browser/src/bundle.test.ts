import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundle } from './bundle.ts';

describe('the client for a browser, in one file', () => {
  let text = '';
  let imports: readonly string[] = [];
  beforeAll(async () => void ({ code: text, imports } = await bundle('./client.ts')));

  it('imports nothing, of Node least of all', () => {
    expect(imports).toEqual([]);
    expect(text).toContain('new WebSocket(');
    expect(text).not.toMatch(/\b(?:Buffer|process|global|setImmediate|require)\b\s*[.(]/);
  });

  it('is 30 kB compressed at most', () => {
    expect(gzipSync(text).length).toBeLessThan(30_000);
  });
});
