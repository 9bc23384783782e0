import { describe, expect, test } from 'vitest';
import { parseCommandLine } from './command-line.ts';
import { ExitCode, StartFailure } from './exit-code.ts';

const parse = (text: string, environment: Record<string, string> = {}) => {
  const { word, config, flags } = parseCommandLine(text.split(' ').filter(Boolean), environment);
  return [word, config, Object.fromEntries(flags)];
};

describe('the command line is zkServer.sh’s', () => {
  test.each<[text: string, word: string, config: string | undefined, flags?: Record<string, string>]>([
    ['start-foreground path/to/zoo.cfg', 'start-foreground', 'path/to/zoo.cfg'],
    ['start-foreground', 'start-foreground', undefined],
    ['start zoo.cfg', 'start', 'zoo.cfg'],
    ['stop', 'stop', undefined],
    ['restart a.cfg', 'restart', 'a.cfg'],
    ['status', 'status', undefined],
    ['version', 'version', undefined],
    ['print-cmd zoo.cfg', 'print-cmd', 'zoo.cfg'],
    ['check zoo.cfg', 'check', 'zoo.cfg'],
    ['--config /etc/zk start', 'start', '/etc/zk/zoo.cfg'],
    ['--config /etc/zk start other.cfg', 'start', '/etc/zk/other.cfg'],
    ['--config /etc/zk start ./other.cfg', 'start', './other.cfg'],
    ['path/to/zoo.cfg', 'start-foreground', 'path/to/zoo.cfg'],
    ['other.cfg', 'start-foreground', 'other.cfg'],
    ['--help', 'help', undefined],
    [
      '-Dzookeeper.a=1 -Djute.maxbuffer=2 start zoo.cfg',
      'start',
      'zoo.cfg',
      { 'zookeeper.a': '1', 'jute.maxbuffer': '2' },
    ],
    ['-Dx start', 'start', undefined, { x: '' }],
    ['-Dx=a=b start', 'start', undefined, { x: 'a=b' }],
  ])('%s', (text, word, config, flags = {}) => {
    expect(parse(text)).toEqual([word, config, flags]);
  });

  test.each([
    ['ensemble', { size: 3, folder: 'ensemble', port: 2181 }],
    ['ensemble --size 5 --port 4000 --dir /tmp/five', { size: 5, folder: '/tmp/five', port: 4000 }],
  ])('%s', (text, plan) => {
    const { word, ensemble } = parseCommandLine(text.split(' '), {});
    expect([word, ensemble]).toEqual(['ensemble', plan]);
  });

  test.each([
    ['initialize --configfile=/etc/zk/zoo.cfg --myid=3', '/etc/zk/zoo.cfg', { myid: 3, isForced: false }],
    ['initialize zoo.cfg --myid 3 --force', 'zoo.cfg', { myid: 3, isForced: true }],
  ])('%s', (text, file, how) => {
    const { word, config, initialization } = parseCommandLine(text.split(' '), {});
    expect([word, config, initialization]).toEqual(['initialize', file, how]);
  });

  test.each(['ensemble --size 0', 'ensemble --size many', 'ensemble --port', 'ensemble zoo.cfg'])(
    '%s is refused',
    (text) => {
      expect(() => parse(text)).toThrow(StartFailure);
    },
  );

  test('ZOOCFGDIR says where configurations are, unless --config does', () => {
    expect(parse('start', { ZOOCFGDIR: '/etc/zk' })[1]).toBe('/etc/zk/zoo.cfg');
    expect(parse('--config /opt start', { ZOOCFGDIR: '/etc/zk' })[1]).toBe('/opt/zoo.cfg');
  });

  test.each([
    '',
    'strat',
    'start a.cfg b.cfg',
    'a.cfg b.cfg',
    '--nonsense start',
    'start --config',
    '-D=1 start',
  ])('%j is refused with the usage and exit code 2', (text) => {
    let failure;
    try {
      parse(text);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(StartFailure);
    expect((failure as StartFailure).exitCode).toBe(ExitCode.invalidInvocation);
    expect((failure as StartFailure).message).toContain('Usage: corral-server');
  });
});
