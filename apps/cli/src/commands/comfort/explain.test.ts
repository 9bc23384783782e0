import { ErrorCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { CommandRunner, type Told } from '../../../test/command.ts';

describe('explain', () => {
  it.each([
    ['-101', 'NONODE (-101)'],
    ['101', 'NONODE (-101)'],
    ['NoNode', 'NONODE (-101)'],
    ['ZNONODE', 'NONODE (-101)'],
    ['org.apache.zookeeper.KeeperException$NoNodeException', 'NONODE (-101)'],
    ['KeeperErrorCode = Session expired for /x', 'SESSIONEXPIRED (-112)'],
    ['ConnectionLossException', 'CONNECTIONLOSS (-4)'],
    ['SystemError', 'SYSTEMERROR (-1)'],
    ['APIERROR', 'APIERROR (-100)'],
  ])('knows %j', async (text, first) => {
    expect((await explain(text)).stdout.split('\n')[0]).toBe(first);
  });

  it('knows every error of ZooKeeper, by its name and its number', async () => {
    for (const [name, code] of Object.entries(ErrorCode)) {
      expect((await explain(name)).stdout).toMatch(`${name} (${code})\n`);
      expect(JSON.parse((await explain(String(code), '--json')).stdout)).toMatchObject({ name, code });
    }
    expect((await explain()).stdout.trimEnd().split('\n')).toHaveLength(Object.keys(ErrorCode).length);
  });

  it('tells what may have been meant', async () => {
    expect(await explain('NoNod')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean NONODE?'),
    });
    expect((await explain('-999')).code).toBe(2);
  });

  function explain(...words: readonly string[]): Promise<Told> {
    return CommandRunner.without('127.0.0.1:1').run(['explain', ...words]);
  }
});
