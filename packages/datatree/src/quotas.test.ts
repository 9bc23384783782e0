import { CreateRequest, ErrorCode, OpCode, SetDataRequest } from '@corral/protocol';
import { describe, expect, test } from 'vitest';
import { bytes, open, Replica } from '../test/replica.ts';
import { SnapshotImage, SnapshotLoader } from './index.ts';
import { QuotaText } from './quota-text.ts';
import { QuotaTrie } from './quota-trie.ts';

const LIMITS = 'zookeeper_limits';
const STATS = 'zookeeper_stats';

describe('the text of a quota node', () => {
  test.each<[string, string | undefined]>([
    ['count=3,bytes=40', 'count=3,bytes=40'],
    [
      'count=-1,bytes=-1=;byteHardLimit=100;countHardLimit=5',
      'count=-1,bytes=-1=;byteHardLimit=100;countHardLimit=5',
    ],
    ['bytes=5,count=2', 'count=2,bytes=5'],
    ['count=2', 'count=2,bytes=-1'],
    ['', 'count=-1,bytes=-1'],
    ['count==2,bytes=7', 'count=-1,bytes=7'],
    ['count=+2,bytes=7,', 'count=2,bytes=7'],
    [';countHardLimit=1', undefined],
    ['count=', undefined],
    ['count', undefined],
    ['count=x', undefined],
    ['count=1.5', undefined],
    ['count=99999999999999999999', undefined],
    ['garbage', undefined],
    ['x'.repeat(100_000), undefined],
  ])('%j reads as %j', (text, expected) => {
    expect(QuotaText.parse(bytes(text))?.toString()).toBe(expected);
  });

  test('null is no text', () => {
    expect(QuotaText.parse(null)).toBeUndefined();
  });

  test('what is not there is -1', () => {
    const text = QuotaText.parse(bytes('count=4=;byteHardLimit=9'))!;
    expect([text.count, text.bytes, text.countHardLimit, text.byteHardLimit]).toEqual([4, -1, -1, 9]);
  });
});

describe('the nearest quota', () => {
  const trie = new QuotaTrie();
  for (const path of ['/a/b', '/a/b/c/d', '/x']) trie.add(path);

  test.each([
    ['/', undefined],
    ['/a', undefined],
    ['/a/b', '/a/b'],
    ['/a/bb', undefined],
    ['/a/b/c', '/a/b'],
    ['/a/b/c/d/e', '/a/b/c/d'],
    ['/x/y/z', '/x'],
    ['', undefined],
  ])('of %s is %s', (path, nearest) => {
    expect(trie.nearest(path)).toBe(nearest);
  });

  test('is gone when it is deleted, and only then', () => {
    trie.delete('/a');
    trie.delete('/nowhere');
    trie.delete('/a/b');
    expect(trie.nearest('/a/b/c')).toBeUndefined();
    expect(trie.nearest('/a/b/c/d')).toBe('/a/b/c/d');
    trie.delete('/a/b/c/d');
    trie.delete('/x');
    expect(trie.count).toBe(0);
    expect(trie.paths()).toEqual([]);
  });
});

function withQuota(path: string, limits: string, options: { enforceQuota?: boolean } = {}): Replica {
  const replica = new Replica(options);
  replica.openSession(1n);
  let at = '/zookeeper/quota';
  for (const name of path.slice(1).split('/')) replica.create((at += `/${name}`), null);
  replica.create(`${at}/${LIMITS}`, limits);
  replica.create(`${at}/${STATS}`, 'count=0,bytes=0');
  return replica;
}

describe('what is used', () => {
  test('is counted when the quota is set, the top included, and followed from then on', () => {
    const replica = withQuota('/unused', 'count=1,bytes=1');
    replica.create('/a', '12345');
    replica.create('/a/b', '123');
    replica.create('/zookeeper/quota/a', null);
    replica.create(`/zookeeper/quota/a/${LIMITS}`, 'count=100,bytes=1000');
    replica.create(`/zookeeper/quota/a/${STATS}`, 'whatever stands here is counted anew');
    const usage = () => replica.data(`/zookeeper/quota/a/${STATS}`);
    expect(usage()).toBe('count=2,bytes=8');
    replica.create('/a/c', '1');
    expect(usage()).toBe('count=3,bytes=9');
    replica.setData('/a/c', '1234');
    expect(usage()).toBe('count=3,bytes=12');
    replica.setData('/a/c', null);
    expect(usage()).toBe('count=3,bytes=8');
    replica.delete('/a/b');
    expect(usage()).toBe('count=2,bytes=5');
    replica.create('/elsewhere', '123456');
    expect(usage()).toBe('count=2,bytes=5');
  });

  test('changes neither version nor zxid nor digest', () => {
    const replica = withQuota('/a', 'count=1,bytes=1');
    const stats = replica.tree.find(`/zookeeper/quota/a/${STATS}`);
    const before = replica.tree.stat(stats);
    replica.create('/a', '12345');
    before.dataLength = 'count=1,bytes=5'.length;
    expect(replica.tree.stat(stats)).toEqual(before);
    expect(replica.tree.digests.mismatchCount).toBe(0);
  });

  test('is counted at the nearest quota alone', () => {
    const replica = withQuota('/a/b', 'count=9,bytes=9');
    replica.create(`/zookeeper/quota/a/${LIMITS}`, 'count=9,bytes=9');
    replica.create(`/zookeeper/quota/a/${STATS}`, '');
    replica.create('/a');
    replica.create('/a/b');
    replica.create('/a/b/c');
    expect(replica.data(`/zookeeper/quota/a/${STATS}`)).toBe('count=1,bytes=0');
    expect(replica.data(`/zookeeper/quota/a/b/${STATS}`)).toBe('count=2,bytes=0');
  });

  test('is not followed any more when the limits are deleted', () => {
    const replica = withQuota('/a', 'count=9,bytes=9');
    replica.create('/a');
    replica.delete(`/zookeeper/quota/a/${LIMITS}`);
    replica.create('/a/b');
    expect(replica.data(`/zookeeper/quota/a/${STATS}`)).toBe('count=1,bytes=0');
    expect(replica.tree.listQuotas()).toEqual([]);
  });

  test('is counted anew when a snapshot is loaded', () => {
    const replica = withQuota('/a', 'count=9,bytes=9');
    replica.create('/a', '123');
    replica.do(
      OpCode.setData,
      new SetDataRequest(`/zookeeper/quota/a/${STATS}`, bytes('count=77,bytes=77'), -1),
    );
    const image = new SnapshotImage(replica.tree);
    const loader = new SnapshotLoader(replica.tree.options);
    for (let chunk = image.next(1000); chunk !== undefined; chunk = image.next(1000)) loader.push(chunk);
    const loaded = loader.finish(image.zxid, image.digest);
    expect(
      loaded.listQuotas().map((quota) => [quota.path, quota.limits.toString(), quota.usage.toString()]),
    ).toEqual([['/a', 'count=9,bytes=9', 'count=1,bytes=3']]);
  });

  test('survives text that is no count: setData of it is refused, and in the tree it is counted anew', () => {
    const replica = withQuota('/a', 'count=9,bytes=9');
    replica.create('/a', '123');
    expect(replica.setData(`/zookeeper/quota/a/${STATS}`, 'garbage').error).toBe(ErrorCode.BADARGUMENTS);
    expect(replica.setData(`/zookeeper/quota/a/${STATS}`, null).error).toBe(ErrorCode.BADARGUMENTS);
    replica.tree.state.setUndigestedData(replica.tree.find(`/zookeeper/quota/a/${STATS}`), bytes('garbage')!);
    replica.create('/a/b', '1');
    expect(replica.data(`/zookeeper/quota/a/${STATS}`)).toBe('count=2,bytes=4');
  });
});

describe('nodes that kill Apache do no harm', () => {
  test.each(['/zookeeper/quota', '/zookeeper', '/zookeeperfoo', '/zookeeper/quo', '/zookeeper-12345'])(
    'limits directly below %s are refused',
    (parent) => {
      const replica = new Replica();
      replica.create(parent);
      expect(replica.create(`${parent}/${LIMITS}`, 'count=1,bytes=1').error).toBe(ErrorCode.BADARGUMENTS);
    },
  );

  test.each(['', '/a', '/zoo', '/zookeeper-123456', '/zookeeper/quotaX'])(
    'limits directly below %s are an ordinary node',
    (parent) => {
      const replica = new Replica();
      replica.create(parent);
      expect(replica.create(`${parent}/${LIMITS}`, 'count=1,bytes=1').error).toBe(0);
      expect(replica.delete(`${parent}/${LIMITS}`).error).toBe(0);
    },
  );

  test('limits that are garbage limit nothing', () => {
    const replica = withQuota('/a', 'garbage', { enforceQuota: true });
    expect(replica.create('/a').error).toBe(0);
  });
});

describe('enforced quotas', () => {
  const enforced = (limits: string) => withQuota('/a', limits, { enforceQuota: true });

  test('refuse the create that goes beyond the hard count', () => {
    const replica = enforced('count=-1,bytes=-1=;countHardLimit=2');
    expect(replica.create('/a').error).toBe(0);
    expect(replica.create('/a/1').error).toBe(0);
    expect(replica.create('/a/2').error).toBe(ErrorCode.QUOTAEXCEEDED);
    expect(replica.setData('/a/1', 'any length').error).toBe(0);
    replica.delete('/a/1');
    expect(replica.create('/a/2').error).toBe(0);
  });

  test('refuse what goes beyond the hard bytes, creates and changes', () => {
    const replica = enforced('count=-1,bytes=-1=;byteHardLimit=10');
    expect(replica.create('/a', '12345').error).toBe(0);
    expect(replica.create('/a/1', '123456').error).toBe(ErrorCode.QUOTAEXCEEDED);
    expect(replica.setData('/a', '12345678901').error).toBe(ErrorCode.QUOTAEXCEEDED);
    expect(replica.setData('/a', '1234567890').error).toBe(0);
    expect(replica.create('/a/1', null).error).toBe(0);
  });

  test('soft limits refuse nothing', () => {
    const replica = enforced('count=1,bytes=1');
    expect(replica.create('/a', '12345').error).toBe(0);
    expect(replica.create('/a/1', '12345').error).toBe(0);
  });

  test('look at what is used now: creates in flight may overshoot together', () => {
    const replica = enforced('count=-1,bytes=-1=;countHardLimit=1');
    replica.prepare(OpCode.create, new CreateRequest('/a', null, open(), 0));
    replica.prepare(OpCode.create, new CreateRequest('/a/1', null, open(), 0));
    expect([replica.applyNext().error, replica.applyNext().error]).toEqual([0, 0]);
  });

  test('come after the other checks of a create, and before the version of a change', () => {
    const replica = enforced('count=-1,bytes=-1=;countHardLimit=1;byteHardLimit=3');
    replica.create('/a', '1');
    expect(replica.create('/a').error).toBe(ErrorCode.NODEEXISTS);
    expect(replica.setData('/a', '12345', 9).error).toBe(ErrorCode.QUOTAEXCEEDED);
  });

  test('are not looked at unless asked for', () => {
    const replica = withQuota('/a', 'count=-1,bytes=-1=;countHardLimit=0');
    expect(replica.create('/a').error).toBe(0);
  });
});
