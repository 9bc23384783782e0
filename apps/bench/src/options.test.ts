import { describe, expect, test } from 'vitest';
import { parseOptions } from './options.ts';

const parse = (text: string) => parseOptions(text.split(' ').filter(Boolean));

describe('the command line', () => {
  test('names servers, then workloads; everything has a default', () => {
    expect(parse('localhost,10.0.0.1:2182,[::1]:2183 read watch')).toEqual({
      servers: [
        { host: 'localhost', port: 2181 },
        { host: '10.0.0.1', port: 2182 },
        { host: '::1', port: 2183 },
      ],
      workloads: ['read', 'watch'],
      connections: 50,
      depth: 1,
      bytes: 100,
      keys: 1000,
      seconds: 5,
      warmupSeconds: 1,
      readPercent: 90,
      isJson: false,
    });
  });

  test('without a workload means all of them', () => {
    expect(parse('localhost')?.workloads).toEqual([
      'read',
      'exists',
      'set',
      'create',
      'mixed',
      'children',
      'watch',
      'connect',
    ]);
  });

  test('takes the letters of zkload', () => {
    expect(parse('-c 7 -d 2 -b 1 -k 3 -t 0.5 -u 0 -r 50 --json localhost')).toMatchObject({
      connections: 7,
      depth: 2,
      bytes: 1,
      keys: 3,
      seconds: 0.5,
      warmupSeconds: 0,
      readPercent: 50,
      isJson: true,
    });
  });

  test('asks for help', () => {
    expect(parse('--help')).toBeUndefined();
  });

  test.each([
    ['', 'which server?'],
    ['localhost fly', 'unknown workload fly'],
    ['a:b:c', 'a:b:c is no server address'],
    ['localhost:0', 'port 0: it must be 1 to 65535'],
    ['-c 0 localhost', 'connections 0: it must be 1 to 65535'],
    ['-d 5000 localhost', 'depth 5000: it must be 1 to 4096'],
    ['-t x localhost', 'seconds x: it must be'],
    ['--nonsense localhost', 'nonsense'],
  ])('%j is refused', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
