import { describe, expect, test } from 'vitest';
import { parseCommandLine } from './command-line.ts';
import { commonWorkloads } from './workload-names.ts';

function parse(text: string): { task: ReturnType<typeof parseCommandLine>; out: string; err: string } {
  let out = '';
  let err = '';
  const task = parseCommandLine(text.split(' ').filter(Boolean), {
    writeOut: (line) => void (out += line),
    writeErr: (line) => void (err += line),
  });
  return { task, out, err };
}

const MUTE = { writeOut: () => {}, writeErr: () => {} };

const defaults = {
  connections: 50,
  depth: 1,
  bytes: 100,
  keys: 1000,
  seconds: 5,
  warmupSeconds: 1,
  readPercent: 90,
  writesPerSecond: 5000,
};

describe('the command line', () => {
  test('names servers, then workloads; everything else has a default', () => {
    expect(parse('localhost,10.0.0.1:2182,[::1]:2183 read watch').task).toEqual({
      kind: 'run',
      options: {
        servers: [
          { host: 'localhost', port: 2181 },
          { host: '10.0.0.1', port: 2182 },
          { host: '::1', port: 2183 },
        ],
        ...defaults,
      },
      workloads: ['read', 'watch'],
      isJson: false,
    });
  });

  test('without a workload means all but those that take long', () => {
    expect(parse('localhost').task).toMatchObject({ workloads: commonWorkloads });
  });

  test('takes the letters of zkload, before and behind what they are about', () => {
    const options = {
      connections: 7,
      depth: 2,
      bytes: 1,
      keys: 3,
      seconds: 0.5,
      warmupSeconds: 0,
      readPercent: 50,
    };
    const letters = '-c 7 -d 2 -b 1 -k 3 -t 0.5 -u 0 -r 50 --json';
    expect(parse(`${letters} localhost`).task).toMatchObject({ options, isJson: true });
    expect(parse(`localhost read ${letters}`).task).toMatchObject({ options, isJson: true });
    expect(parse(`compare ${letters} a b`).task).toMatchObject({ first: options, second: options });
    expect(parse(`${letters} compare a b`).task).toMatchObject({ first: options, second: options });
  });

  test('compares two servers in pairs', () => {
    expect(parse('compare one:1 two:2 set -n 3').task).toEqual({
      kind: 'compare',
      first: { servers: [{ host: 'one', port: 1 }], ...defaults },
      second: { servers: [{ host: 'two', port: 2 }], ...defaults },
      workloads: ['set'],
      rounds: 3,
      isJson: false,
    });
  });

  test('fills a server with nodes', () => {
    expect(parse('fill localhost 1000000 -b 10 -p /a/b').task).toEqual({
      kind: 'fill',
      options: { servers: [{ host: 'localhost', port: 2181 }], ...defaults, bytes: 10 },
      nodes: 1_000_000,
      path: '/a/b',
    });
  });

  test('kills leaders of an ensemble whose servers it starts', () => {
    const task = parseCommandLine(['failover', 'zkServer start-foreground', '-n', '30', '--size', '3'], MUTE);
    expect(task).toEqual({
      kind: 'failover',
      ensemble: { launcher: ['zkServer', 'start-foreground'], size: 3, tickTimeMs: 500, lines: [] },
      kills: 30,
      isJson: false,
    });
  });

  test('lets a server of an ensemble catch up', () => {
    const words = ['catch-up', '-k', '5', '--set', 'commitLogCount=900', 'a=b', '--', 'zkServer'];
    expect(parseCommandLine(words, MUTE)).toEqual({
      kind: 'catch-up',
      ensemble: { launcher: ['zkServer'], size: 3, tickTimeMs: 2000, lines: ['commitLogCount=900', 'a=b'] },
      missed: 100_000,
      keys: 5,
      bytes: 100,
      rounds: 3,
      isJson: false,
    });
  });

  test.each(['--help', '-h', 'help', 'compare --help'])(
    '%j tells about the options, and is no error',
    (text) => {
      const { task, out, err } = parse(text);
      expect([task, err]).toEqual([0, '']);
      expect(out).toContain('--connections <n>');
    },
  );

  test('names the workloads in its help', () => {
    expect(commonWorkloads.filter((name) => !parse('--help').out.includes(`\n  ${name} `))).toEqual([]);
  });

  test.each([
    ['', "missing required argument 'servers'"],
    ['localhost fly', 'Allowed choices are read, exists'],
    ['a:b:c', 'a:b:c is no server address'],
    ['localhost:0', 'It must be 1 to 65535'],
    ['-c 0 localhost', 'It must be 1 to 65535'],
    ['-c 1.5 localhost', 'It must be a whole number'],
    ['-d 5000 localhost', 'It must be 1 to 4096'],
    ['-t x localhost', 'It must be 0.01 to 3600'],
    ['--byte 1 localhost', 'Did you mean --bytes?'],
    ['compare localhost', "missing required argument 'second'"],
    ['compare a b --round 3', 'Did you mean --rounds?'],
    ['fill localhost', "missing required argument 'nodes'"],
    ['failover', "missing required argument 'launcher'"],
    ['failover a --size 2', 'It must be 3 to 15'],
    ['catch-up a -m 0', 'It must be 1 to 10000000'],
    ['fill localhost 5 -p x/', 'It must begin with a slash'],
  ])('%j is refused with exit code 2 and a sentence', (text, message) => {
    const { task, out, err } = parse(text);
    expect([task, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err).toContain('corral-bench --help');
  });
});
