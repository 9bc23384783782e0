import { describe, expect, test } from 'vitest';
import { plain, readable } from './log.ts';

describe('a log line', () => {
  test('on a terminal is the time, the level, the sentence, then the fields', () => {
    const line = JSON.stringify({
      level: 'warn',
      time: '2026-11-20T10:46:11.123Z',
      client: '10.0.0.1:5',
      size: 7,
      msg: 'refused',
    });
    expect(readable(line)).toBe('10:46:11.123 WARN  refused  client=10.0.0.1:5 size=7\n');
  });

  test('without fields ends with the sentence', () => {
    expect(readable('{"level":"info","time":"2026-11-20T10:46:11.123Z","msg":"serving"}')).toBe(
      '10:46:11.123 INFO  serving\n',
    );
  });

  test('has control characters of its fields escaped on a terminal: a client chooses its paths', () => {
    const line = JSON.stringify({
      level: 'info',
      time: '2026-11-20T10:46:11.123Z',
      path: '/a\u001b[2J\nfake',
      msg: 'x',
    });
    expect(readable(line)).toBe('10:46:11.123 INFO  x  path=/a\\u001b[2J\\u000afake\n');
  });

  test('shows a bigint as ZooKeeper shows session ids, and an error with its stack', () => {
    const error = new Error('broken');
    expect(plain({ session: 0x1000010fb340000n, negative: -1n, error, size: 1, missing: undefined })).toEqual(
      {
        session: '0x1000010fb340000',
        negative: '0xffffffffffffffff',
        error: error.stack,
        size: 1,
        missing: undefined,
      },
    );
  });
});
