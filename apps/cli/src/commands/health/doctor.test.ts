import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CommandRunner } from '../../../test/command.ts';
import { freeSpaceFindings } from '../../doctor/directory-rules.ts';
import type { Finding } from '../../doctor/finding.ts';

describe('doctor, of a config file', () => {
  let directory: string;
  let file: string;
  /** What nobody can say anything against. */
  let healthy: string;
  let ensemble: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'corral-doctor-'));
    file = join(directory, 'zoo.cfg');
    healthy = `dataDir=${join(directory, 'data')}
clientPort=2181
autopurge.purgeInterval=24
admin.serverAddress=127.0.0.1
`;
    ensemble = `${healthy}tickTime=2000
initLimit=10
syncLimit=5
server.1=one:2888:3888;2181
server.2=two:2888:3888;2181
server.3=three:2888:3888;2181
`;
  });

  beforeEach(async () => {
    await rm(join(directory, 'data'), { recursive: true, force: true });
    await mkdir(join(directory, 'data'));
    await writeFile(join(directory, 'data', 'myid'), '2\n');
  });

  afterAll(() => rm(directory, { recursive: true }));

  it('finds nothing where nothing is wrong', async () => {
    expect(await findingsIn(healthy)).toEqual([]);
  });

  it('tells of each finding what was seen, why it matters and the line to change', async () => {
    await writeFile(file, `${healthy}forceSync=no\n`);

    const { code, stdout, stderr } = await CommandRunner.without('localhost:1').run(['doctor', file]);

    expect([code, stderr]).toEqual([10, expect.stringMatching(/^\d findings?\n$/)]);
    expect(stdout).toContain(`bad  force-sync: ${file}:5
     seen: forceSync=no
     why:  writes are acknowledged before they are on the disk: a power cut loses them
     fix:  forceSync=yes
`);
  });

  it.each<[string, (text: string) => string, Partial<Finding>]>([
    [
      'no dataDir',
      replace(/dataDir=.*/, ''),
      { severity: 'bad', rule: 'data-dir', seen: 'dataDir is not set' },
    ],
    [
      'no port',
      replace(/clientPort=.*/, ''),
      { severity: 'bad', rule: 'client-port', fix: 'clientPort=2181' },
    ],
    [
      'a port that is no number',
      replace('=2181', '=soon'),
      { rule: 'number', seen: 'clientPort=soon is no number' },
    ],
    ['a port that is none', replace('=2181', '=70000'), { rule: 'number', seen: 'clientPort=70000' }],
    ['a short tick', add('tickTime=10'), { severity: 'warn', rule: 'tick-time', seen: 'a tick is 10 ms' }],
    ['limits that cross', add('minSessionTimeout=90000'), { severity: 'bad', rule: 'session-limits' }],
    [
      'no purge',
      replace('purgeInterval=24', 'purgeInterval=0'),
      { rule: 'autopurge-off', fix: 'autopurge.purgeInterval=24' },
    ],
    ['trust in emptiness', add('snapshot.trust.empty=true'), { severity: 'warn', rule: 'trust-empty' }],
    ['no ACLs', add('skipACL=yes'), { severity: 'bad', rule: 'skip-acl', fix: 'skipACL=no' }],
    ['all words for all', add('4lw.commands.whitelist=*'), { severity: 'warn', rule: 'four-letter-words' }],
    [
      'an open admin port',
      replace(/admin.*/, ''),
      { rule: 'admin-open', fix: 'admin.serverAddress=127.0.0.1' },
    ],
    ['a large buffer', add('jute.maxbuffer=50000000'), { severity: 'warn', rule: 'buffer' }],
    ['no limit of connections', add('maxClientCnxns=0'), { severity: 'warn', rule: 'client-limit' }],
    ['snapshots all the time', add('snapCount=10'), { severity: 'warn', rule: 'snap-count' }],
    ['a slip of the pen', add('maxClientCnxn=5'), { rule: 'spelling', fix: 'maxClientCnxns=5' }],
    ['a wrong case', add('ticktime=2000'), { rule: 'spelling', fix: 'tickTime=2000' }],
    [
      'a key twice',
      add('clientPort=2182'),
      { rule: 'twice', seen: 'clientPort is there twice, in line 2 too' },
    ],
    ['a directory that is missing', replace('/data\n', '/gone\n'), { severity: 'warn', rule: 'directory' }],
    ['a directory that is a file', replace('/data\n', '/zoo.cfg\n'), { severity: 'bad', rule: 'directory' }],
  ])('one server: %s', async (_, spoil, finding) => {
    expect(await findingsIn(spoil(healthy))).toEqual([expect.objectContaining(finding)]);
  });

  it.each<[string, (text: string) => string, Partial<Finding>]>([
    ['no initLimit', replace('initLimit=10', ''), { severity: 'bad', rule: 'limits', fix: 'initLimit=10' }],
    ['no syncLimit', replace('syncLimit=5', ''), { severity: 'bad', rule: 'limits', fix: 'syncLimit=5' }],
    ['two voters', replace(/server.3.*/, ''), { severity: 'warn', rule: 'even-voters', seen: '2 voters' }],
    ['one address for two', replace('three:2888', 'two:2888'), { severity: 'bad', rule: 'same-address' }],
    [
      'two voters on a host',
      replace('three:2888:3888', 'two:2889:3889'),
      { rule: 'same-host', seen: 'two has 2 voters' },
    ],
    ['a member on loopback', replace('=two', '=localhost'), { severity: 'bad', rule: 'loopback-member' }],
    [
      'a line that is none',
      replace('server.3=three:2888:3888;2181', 'server.3=three'),
      { severity: 'bad', rule: 'members' },
    ],
    [
      'a myid of nobody',
      replace('server.2=', 'server.4='),
      { rule: 'myid', seen: expect.stringMatching(/^server\.2 /) as string },
    ],
  ])('an ensemble: %s', async (_, spoil, finding) => {
    expect(await findingsIn(spoil(ensemble))).toContainEqual(expect.objectContaining(finding));
  });

  it('says of a healthy ensemble only that log and snapshots share a disk', async () => {
    expect(await findingsIn(ensemble)).toEqual([
      expect.objectContaining({ severity: 'warn', rule: 'one-disk', where: file }),
    ]);
  });

  it.each([
    ['none', undefined, 'there is no such file'],
    ['text', 'two', '"two" is no number'],
  ])('a member that does not know which one it is: myid is %s', async (_, text, seen) => {
    const myid = join(directory, 'data', 'myid');
    if (text === undefined) await rm(myid);
    else await writeFile(myid, text);

    expect(await findingsIn(ensemble)).toContainEqual(
      expect.objectContaining({ severity: 'bad', rule: 'myid', where: myid, seen }),
    );
  });

  it('takes a single server for one that stands alone, as servers do', async () => {
    expect(await findingsIn(`${healthy}server.9=one:2888:3888\n`)).toEqual([]);
  });

  it('reads the members from where the file says they are', async () => {
    await writeFile(
      join(directory, 'members'),
      ensemble.slice(ensemble.indexOf('server.1')).replace(/server.3.*/, ''),
    );

    const found = await findingsIn(`${ensemble.replaceAll(/server\..*\n/g, '')}dynamicConfigFile=members\n`);

    expect(found).toContainEqual(
      expect.objectContaining({ rule: 'even-voters', where: join(directory, 'members') }),
    );
  });

  it.each([
    [20, undefined],
    [19, 'warn'],
    [4, 'bad'],
  ])('%i %% of free disk: %s', (percent, severity) => {
    const [finding] = freeSpaceFindings('/data', percent, 100);

    expect(finding?.severity).toBe(severity);
  });

  it('--probe looks at the machine, too', async () => {
    await writeFile(file, ensemble.replace('=two', '=nothing.invalid'));

    const { stdout } = await CommandRunner.without('localhost:1').run(['doctor', '--probe', file]);

    expect(stdout).toContain('seen: nothing.invalid has no address');
  });

  it('ends with 2 where there is no such file', async () => {
    expect((await CommandRunner.without('localhost:1').run(['doctor', '/nowhere/at/all'])).code).toBe(2);
  });

  /** How full the disk is that runs this is nobody's business. */
  async function findingsIn(text: string): Promise<readonly Finding[]> {
    await writeFile(file, text);
    const { stdout } = await CommandRunner.without('localhost:1').run(['doctor', file, '--json']);
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as Finding).filter(({ rule }) => rule !== 'disk-full');
  }
});

function replace(what: RegExp | string, by: string): (text: string) => string {
  return (text) => text.replace(what, by);
}

function add(line: string): (text: string) => string {
  return (text) => `${text}${line}\n`;
}
