import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseProperties, QuorumConfig } from '@corral/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  activateConfig,
  backUp,
  dynamicFile,
  dynamicFiles,
  versionInName,
  writeNextConfig,
} from './dynamic-files.ts';
import { loadSettings } from './load.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'corral-dynamic-')));
  file = join(folder, 'zoo.cfg');
});
afterEach(() => rmSync(folder, { recursive: true }));

const CONFIG = QuorumConfig.parse(
  'server.10=h10:1:2:observer\nserver.1=h1:1:2;2181\nserver.2=h2:1:2;2181\nserver.3=h3:1:2;2181\nversion=10000000a',
);

const STATIC = `# our ensemble
tickTime=2000
dataDir=/data
clientPort=2181
clientPortAddress=127.0.0.1
clientPortListenBacklog=7
peerType=participant
server.1=h1:1:2
server.2=h2:\\
  1:2
# who is heavy
weight.1=1
group.1=1:2
 dynamicConfigFile : /somewhere
initLimit=5`;

describe('the configuration in force', () => {
  test('is written sorted, without its version, under a name that ends in it', () => {
    writeFileSync(file, STATIC);
    activateConfig(file, CONFIG, CONFIG.version, true);
    expect(dynamicFile(file, CONFIG.version)).toBe(`${file}.dynamic.10000000a`);
    expect(readFileSync(`${file}.dynamic.10000000a`, 'latin1')).toBe(
      [
        'server.10=h10:1:2:observer',
        'server.1=h1:1:2:participant;0.0.0.0:2181',
        'server.2=h2:1:2:participant;0.0.0.0:2181',
        'server.3=h3:1:2:participant;0.0.0.0:2181',
      ].join('\n'),
    );
    expect(versionInName(`${file}.dynamic.10000000a`)).toBe('10000000a');
  });

  test.each([
    [true, ''],
    [false, 'clientPort=2181\nclientPortAddress=127.0.0.1\n'],
  ])('moves out of the static file, client ports too (%s); all else stays', (isClientPortSaid, ports) => {
    writeFileSync(file, STATIC);
    activateConfig(file, CONFIG, CONFIG.version, isClientPortSaid);
    expect(readFileSync(file, 'latin1')).toBe(
      `# our ensemble\ntickTime=2000\ndataDir=/data\n${ports}clientPortListenBacklog=7\n# who is heavy\n` +
        `initLimit=5\ndynamicConfigFile=${file}.dynamic.10000000a\n`,
    );
  });

  test.each(['\r\n', '\r'])('moves out of lines that end in %j', (end) => {
    writeFileSync(file, `a=1${end}server.1=h1:1:2${end}${end}b=2${end}`);
    activateConfig(file, CONFIG, CONFIG.version, true);
    expect(readFileSync(file, 'latin1')).toBe(
      `a=1${end}${end}b=2${end}dynamicConfigFile=${file}.dynamic.10000000a\n`,
    );
  });

  test('is what a later start reads', () => {
    writeFileSync(join(folder, 'myid'), '1');
    writeFileSync(file, `dataDir=${folder}\ninitLimit=5\nsyncLimit=5\nclientPort=2181\n${CONFIG.toString()}`);
    const start = (): QuorumConfig =>
      loadSettings({ file, flags: new Map(), environment: {} }).server.ensemble!.quorum;
    expect(start().toString()).toBe(CONFIG.toString());
    const next = CONFIG.withVersion(0x2_0000_0001);
    activateConfig(file, next, next.version, true);
    expect(start().toString()).toBe(next.toString());
    const last = CONFIG.withVersion(0x2_0000_0002);
    activateConfig(file, last, last.version, true);
    expect(start().toString()).toBe(last.toString());
  });

  test('is named by a path that Java reads, too, whatever it is', () => {
    const odd = join(folder, 'zoo \u00fc\\k.cfg');
    writeFileSync(odd, 'a=1\n');
    activateConfig(odd, CONFIG, CONFIG.version, true);
    const [, named] = parseProperties(readFileSync(odd, 'latin1'));
    expect(named).toMatchObject({ key: 'dynamicConfigFile', value: `${odd}.dynamic.10000000a` });
  });
});

describe('what was proposed', () => {
  test('is kept with its version until it is in force', () => {
    writeFileSync(file, STATIC);
    writeNextConfig(file, CONFIG);
    const lines = readFileSync(`${file}.dynamic.next`, 'latin1').split('\n');
    expect(lines.at(-1)).toBe('version=10000000a');
    expect(QuorumConfig.parse(lines.join('\n')).toString()).toBe(CONFIG.toString());
    activateConfig(file, CONFIG, CONFIG.version, true);
    expect(readdirSync(folder)).toEqual(['zoo.cfg', 'zoo.cfg.dynamic.10000000a']);
  });

  test('is kept where an older one comes into force', () => {
    writeFileSync(file, STATIC);
    writeNextConfig(file, CONFIG.withVersion(0x1_0000_000b));
    activateConfig(file, CONFIG, 0x1_0000_000b, true);
    expect(readdirSync(folder)).toContain('zoo.cfg.dynamic.next');
  });
});

test('a member keeps what it learns; its own file says its client port as long as its line does not', () => {
  writeFileSync(file, STATIC);
  const bare = QuorumConfig.parse('server.1=h1:1:2\nserver.2=h2:1:2\nversion=5');
  const store = dynamicFiles(file, 1);
  store.proposed(bare);
  expect(readdirSync(folder)).toContain('zoo.cfg.dynamic.next');
  store.activated(bare, bare.version);
  expect(readFileSync(file, 'latin1')).toContain('clientPort=2181\n');
  store.activated(CONFIG, CONFIG.version);
  expect(readFileSync(file, 'latin1')).not.toContain('clientPort=');
});

test('the static file as it was is kept', () => {
  writeFileSync(file, STATIC);
  backUp(file);
  activateConfig(file, CONFIG, CONFIG.version, true);
  expect(readFileSync(`${file}.bak`, 'latin1')).toBe(STATIC);
});

test('a file that cannot be written leaves no trace', () => {
  expect(() => writeNextConfig(join(folder, 'nowhere', 'zoo.cfg'), CONFIG)).toThrow('ENOENT');
  expect(() => activateConfig(file, CONFIG, CONFIG.version, true)).toThrow('ENOENT');
  expect(readdirSync(folder)).toEqual(['zoo.cfg.dynamic.10000000a']);
});

test.each([
  ['zoo.cfg.dynamic', undefined],
  ['zoo.cfg.dynamic.0', '0'],
  ['zoo.cfg.dynamic.00A', 'a'],
  ['zoo.cfg.dynamic.next', undefined],
  ['dynamic', undefined],
  ['members.', undefined],
  ['zoo.cfg.dynamic.fffffffffffffffff', undefined],
])('the version in the name %s is %s', (name, version) => {
  expect(versionInName(name)).toBe(version);
});
