import { JuteWriter } from '@corral/jute';
import {
  Acl,
  decodeTxn,
  Identity,
  OpCode,
  SetACLRequest,
  SetDataRequest,
  writeAcls,
  type Zxid,
} from '@corral/protocol';
import { describe, expect, test } from 'vitest';
import { describeTree } from '../test/describe-tree.ts';
import { bytes, open, Replica, TREE_OPTIONS } from '../test/replica.ts';
import { type DataTree, SnapshotError, SnapshotImage, SnapshotLoader } from './index.ts';

function readAll(image: SnapshotImage, bytesMax = 100): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let chunk = image.next(bytesMax); chunk !== undefined; chunk = image.next(bytesMax))
    chunks.push(chunk.slice());
  return chunks;
}

function load(chunks: readonly Uint8Array[], zxid = 0): DataTree {
  const loader = new SnapshotLoader(TREE_OPTIONS);
  for (const chunk of chunks) loader.push(chunk);
  return loader.finish(zxid as Zxid);
}

function someTree(): Replica {
  const replica = new Replica();
  replica.openSession(1n, 4000);
  replica.openSession(-0x7f00_0000_0000_0001n, 5000);
  replica.create('/a', 'data of a');
  replica.create('/a/b', null);
  replica.create('/a/b/c', '');
  replica.create('/ä', 'x'.repeat(3000), 0, {}, [
    new Acl(31, 'digest', 'a:b'),
    new Acl(1, 'world', 'anyone'),
  ]);
  replica.create('/e', 'x', 1, { sessionId: -0x7f00_0000_0000_0001n });
  replica.createContainer('/container');
  replica.createTtl('/ttl', 77);
  return replica;
}

describe('an image', () => {
  test('is what it was when it was begun, whatever happens between its slices', () => {
    const replica = someTree();
    const before = describeTree(replica.tree);
    const image = new SnapshotImage(replica.tree);
    const chunks: Uint8Array[] = [image.next(1)!.slice()];
    replica.openSession(9n);
    replica.delete('/a/b/c');
    replica.create('/a/b/d', 'new');
    replica.setData('/a', 'changed');
    replica.setAcl('/ä', [new Acl(1, 'digest', 'other:x')]);
    replica.closeSession(-0x7f00_0000_0000_0001n);
    chunks.push(image.next(1)!.slice());
    replica.delete('/a/b/d');
    replica.delete('/a/b');
    replica.create('/a/b', 'another');
    chunks.push(...readAll(image, 10));
    expect(describeTree(load(chunks))).toEqual(before);
  });

  test('is right whichever node is deleted wherever reading has got to, and whatever takes its place', () => {
    for (let read = 0; read < 14; read++) {
      for (let gone = 0; gone < 8; gone++) {
        const replica = new Replica();
        for (let i = 0; i < 8; i++) replica.create(i % 3 === 2 ? `/n${i - 1}/n${i}` : `/n${i}`);
        const before = describeTree(replica.tree);
        const image = new SnapshotImage(replica.tree);
        const chunks: Uint8Array[] = Array.from({ length: read }, () => image.next(1)!.slice());
        const path = gone % 3 === 2 ? `/n${gone - 1}/n${gone}` : `/n${gone}`;
        if (gone % 3 === 1 && gone < 7) replica.delete(`${path}/n${gone + 1}`);
        expect(replica.delete(path).error).toBe(0);
        replica.create('/n0/in-its-place');
        replica.create('/another');
        chunks.push(...readAll(image, 1));
        expect(describeTree(load(chunks))).toEqual(before);
      }
    }
  });

  test('names its zxid and digest', () => {
    const replica = someTree();
    const image = new SnapshotImage(replica.tree);
    const { lastProcessedZxid: zxid, digest } = replica.tree;
    replica.create('/later');
    expect(image.zxid).toBe(zxid);
    expect(image.digest).toEqual({ zxid, version: 2, value: digest });
    image.abort();
    expect(new SnapshotImage(new Replica({ digestEnabled: false }).tree).digest).toBeUndefined();
  });

  test('gives slices of about the length asked for, and keeps each until the next is asked for', () => {
    const replica = new Replica();
    for (let i = 0; i < 2000; i++) replica.create(`/node-${i}`, 'x'.repeat(100));
    const image = new SnapshotImage(replica.tree);
    for (let chunk = image.next(4000); chunk !== undefined; chunk = image.next(4000)) {
      expect(chunk.length).toBeLessThan(4000 + 50 * 200);
      const copy = chunk.slice();
      for (let i = 0; i < 50; i++) replica.setData(`/node-${i * 17}`, 'changed');
      expect(Buffer.compare(chunk, copy)).toBe(0);
    }
  });

  test('costs nothing any more when it is read to its end or given up', () => {
    const replica = someTree();
    readAll(new SnapshotImage(replica.tree));
    const given = new SnapshotImage(replica.tree);
    given.next(10);
    given.abort();
    given.abort();
    expect(replica.tree.state.preservers).toEqual([]);
    expect(describeTree(load(readAll(new SnapshotImage(replica.tree))))).toEqual(describeTree(replica.tree));
  });

  test('may be one of four at a time, each of its own moment', () => {
    const replica = someTree();
    const images: [SnapshotImage, unknown][] = [];
    for (let i = 0; i < 4; i++) {
      images.push([new SnapshotImage(replica.tree), describeTree(replica.tree)]);
      replica.setData('/a', `${i}`);
      replica.create(`/new-${i}`);
    }
    expect(() => new SnapshotImage(replica.tree)).toThrow(RangeError);
    for (const [image, expected] of images) expect(describeTree(load(readAll(image)))).toEqual(expected);
    new SnapshotImage(replica.tree).abort();
  });

  test('is right after many images before it, read and given up', () => {
    const replica = someTree();
    for (let i = 0; i < 600; i++) {
      const image = new SnapshotImage(replica.tree);
      image.next(i % 200);
      replica.setData('/a', `${i}`);
      if (i % 3 > 0) image.abort();
      else readAll(image, 1000);
    }
    expect(describeTree(load(readAll(new SnapshotImage(replica.tree))))).toEqual(describeTree(replica.tree));
  });

  test('is right after hundreds that were given up before anything was read', () => {
    const replica = someTree();
    for (let round = 0; round < 4; round++) {
      expect(describeTree(load(readAll(new SnapshotImage(replica.tree), 1000)))).toEqual(
        describeTree(replica.tree),
      );
      replica.create(`/n${round}`);
      for (let i = 0; i < 255; i++) new SnapshotImage(replica.tree).abort();
    }
  });

  test('gives what changes have forced out in pieces, too', () => {
    const replica = new Replica();
    const longest = 100_000;
    for (let i = 0; i < 20; i++) replica.create(`/n${i}`, 'x'.repeat(longest));
    const before = describeTree(replica.tree);
    const image = new SnapshotImage(replica.tree);
    for (let i = 0; i < 20; i++) replica.delete(`/n${i}`);
    const chunks = readAll(image);
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(256 * 1024 + longest + 1000);
    expect(describeTree(load(chunks))).toEqual(before);
  });

  test('of a deep tree does not exhaust the stack', () => {
    const replica = new Replica();
    let path = '';
    for (let i = 0; i < 1000; i++) replica.create((path += '/d'), null);
    const image = new SnapshotImage(replica.tree);
    replica.delete(path);
    const loaded = load(readAll(image, 1 << 20));
    expect(loaded.descendantCount(loaded.find('/'))).toBe(1003);
  });
});

describe('ACL lists (ZOOKEEPER-4689)', () => {
  const list = (n: number) => [new Acl(1, 'digest', `user${n}:x`)];

  test('that come up while an image is written are not mixed up with those in it', () => {
    const replica = new Replica();
    const superUser = { identities: [new Identity('super', '')] };
    replica.create('/a0', null, 0, {}, list(6));
    replica.delete('/a0');
    const image = new SnapshotImage(replica.tree);
    const from = replica.log.length;
    replica.create('/a1', null, 0, {}, list(7));
    replica.create('/a2', null, 0, {}, list(8));
    replica.do(OpCode.setACL, new SetACLRequest('/a2', list(9), -1), superUser);
    replica.create('/a3', null, 0, {}, list(7));
    const loaded = new Replica({}, load(readAll(image), image.zxid));
    for (const entry of replica.log.slice(from)) loaded.tree.apply(decodeTxn(entry), undefined);
    expect(loaded.tree.acl(loaded.tree.find('/a3'))).toEqual(list(7));
    expect(describeTree(loaded.tree)).toEqual(describeTree(replica.tree));
  });

  test('that a file does not hold let nobody in until replay says who may', () => {
    const body = new Body()
      .sessions()
      .acls([[1n, open()]])
      .node('', null, 1n)
      .node('/a', 'x', 5n)
      .end();
    const loader = new SnapshotLoader(TREE_OPTIONS);
    loader.push(body);
    expect(loader.unknownAclCount).toBe(1);
    const replica = new Replica({}, loader.finish(1 as Zxid));
    expect(replica.tree.acl(replica.tree.find('/a'))).toEqual([new Acl(0, 'world', 'anyone')]);
    expect(replica.do(OpCode.setData, new SetDataRequest('/a', null, -1)).error).toBe(-102);
  });
});

describe('a loader', () => {
  test('takes the body in pieces of any length, and leaves what follows it', () => {
    const chunks = readAll(new SnapshotImage(someTree().tree), 1 << 20);
    const body = chunks[0]!;
    const trailed = new Uint8Array(body.length + 7);
    trailed.set(body);
    const expected = describeTree(load([body]));
    for (const length of [1, 2, 3, 7, 64, 1000, trailed.length]) {
      const loader = new SnapshotLoader(TREE_OPTIONS);
      let used = 0;
      for (let at = 0; at < trailed.length && !loader.ended; at += length)
        used += loader.push(trailed.slice(at, at + length));
      expect(used).toBe(body.length);
      expect(loader.push(new Uint8Array(5))).toBe(0);
      expect(describeTree(loader.finish(0 as Zxid))).toEqual(expected);
    }
  });

  test('gives no tree of a body that has not ended', () => {
    const loader = new SnapshotLoader(TREE_OPTIONS);
    loader.push(new Body().sessions().acls([]).node('', null).bytes());
    expect(loader.ended).toBe(false);
    expect(() => loader.finish(0 as Zxid)).toThrow(TypeError);
  });

  test('finds containers, TTL nodes and ephemeral nodes again, and goes on where the tree was', () => {
    const replica = someTree();
    const loaded = new Replica(
      {},
      load(readAll(new SnapshotImage(replica.tree)), replica.tree.lastProcessedZxid),
    );
    for (const each of [replica, loaded]) {
      each.create('/a/seq-', null, 2, { time: 5000 });
      each.delete('/container');
      each.closeSession(-0x7f00_0000_0000_0001n);
    }
    expect(describeTree(loaded.tree)).toEqual(describeTree(replica.tree));
    expect(loaded.tree.digests.mismatchCount).toBe(0);
  });

  test('compares the digest of the trailer when the tree is there: at once, or when replay has got there', () => {
    const replica = someTree();
    const chunks = readAll(new SnapshotImage(replica.tree));
    const { lastProcessedZxid: zxid, digest } = replica.tree;
    const finish = (value: bigint, at: number) => {
      const loader = new SnapshotLoader(TREE_OPTIONS);
      for (const chunk of chunks) loader.push(chunk);
      return loader.finish(zxid, { zxid: at as Zxid, version: 2, value });
    };
    expect(finish(digest, zxid).digests.mismatchCount).toBe(0);
    expect(finish(digest + 1n, zxid).digests.mismatchCount).toBe(1);
    expect(finish(digest + 1n, zxid - 1).digests.mismatchCount).toBe(0);
    const ahead = new Replica({}, finish(123n, zxid + 2));
    ahead.create('/1');
    expect(ahead.tree.digests.mismatchCount).toBe(0);
    ahead.create('/2');
    expect(ahead.tree.digests.mismatchCount).toBe(1);
    ahead.create('/3');
    expect(ahead.tree.digests.mismatchCount).toBe(1);
  });
});

describe('a body that makes no tree is refused with the place', () => {
  const start = () => new Body().sessions().acls([[1n, open()]]);
  const rooted = () => start().node('', '', 1n);
  test.each<[string, () => Body, string]>([
    ['a negative number of sessions', () => new Body().int(-1), 'BAD_LENGTH'],
    ['a negative number of lists', () => new Body().sessions().int(-1), 'BAD_LENGTH'],
    ['a list of negative length', () => new Body().sessions().int(1).long(1n).int(-5), 'BAD_LENGTH'],
    ['a list that is null', () => new Body().sessions().int(1).long(1n).int(-1), 'BAD_LENGTH'],
    [
      'a list twice',
      () =>
        new Body().sessions().acls([
          [1n, open()],
          [1n, []],
        ]),
      'BAD_VALUE',
    ],
    [
      'a scheme longer than is believed',
      () => new Body().sessions().int(1).long(1n).int(1).int(31).int(0x7fff_ffff).int(0),
      'BAD_LENGTH',
    ],
    ['a path longer than is believed', () => start().int(0x7fff_ffff), 'BAD_LENGTH'],
    ['a path of length -2', () => start().int(-2), 'BAD_PATH'],
    ['a path that is null', () => start().int(-1), 'BAD_PATH'],
    ['data longer than are believed', () => start().string('').int(0x7000_0000), 'BAD_LENGTH'],
    ['data of length -2', () => start().string('').int(-2), 'BAD_LENGTH'],
    ['no root', () => start().string('/'), 'NO_PARENT'],
    ['a node before the root', () => start().node('/a', ''), 'NO_PARENT'],
    ['the root twice', () => rooted().node('', ''), 'BAD_PATH'],
    ['a node without a parent', () => rooted().node('/a/b', ''), 'NO_PARENT'],
    ['a node before its parent', () => rooted().node('/a/b', '').node('/a', ''), 'NO_PARENT'],
    ['a node that is its own parent', () => rooted().node('/a/', ''), 'BAD_PATH'],
    ['a node twice', () => rooted().node('/a', '').node('/a', ''), 'BAD_PATH'],
    ['a path without a slash', () => rooted().node('a', ''), 'BAD_PATH'],
    ['a path below nothing', () => rooted().node('x/a', ''), 'NO_PARENT'],
    ['an empty name', () => rooted().node('//', ''), 'BAD_PATH'],
    [
      'a name that is not UTF-8',
      () =>
        rooted()
          .raw([0, 0, 0, 2, 0x2f, 0xff, 0, 0, 0, 0])
          .raw(Array.from({ length: 68 }, () => 0)),
      'BAD_PATH',
    ],
    ['an owner that cannot be', () => rooted().node('/a', '', 1n, -0x0001_0000_0000_0000n), 'BAD_VALUE'],
    ['an ephemeral root', () => start().node('', '', 1n, 5n), 'BAD_VALUE'],
    ['a negative zxid', () => rooted().node('/a', '', 1n, 0n, -1n), 'BAD_VALUE'],
    ['a zxid beyond 2^53', () => rooted().node('/a', '', 1n, 0n, 0x7fff_ffff_ffff_ffffn), 'BAD_VALUE'],
  ])('%s', (_what, build, code) => {
    const body = build().bytes();
    for (const length of [1, body.length]) {
      const loader = new SnapshotLoader(TREE_OPTIONS);
      let error: unknown;
      try {
        for (let at = 0; at < body.length; at += length) loader.push(body.slice(at, at + length));
      } catch (caught) {
        error = caught;
      }
      expect(error).toBeInstanceOf(SnapshotError);
      expect((error as SnapshotError).code).toBe(code);
      expect((error as SnapshotError).offset).toBeLessThan(body.length);
      expect(loader.ended).toBe(false);
    }
  });

  test('and nothing is set aside for bytes that were only promised', () => {
    const loader = new SnapshotLoader(TREE_OPTIONS, 1 << 30);
    const before = process.memoryUsage().arrayBuffers;
    loader.push(start().int(1_000_000_000).bytes());
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
  });

  test('any single byte of a sound body may be wrong: it is refused, not ended yet, or some tree; never a crash', () => {
    const body = readAll(new SnapshotImage(someTree().tree), 1 << 20)[0]!;
    for (let at = 0; at < body.length; at += at < 150 ? 1 : 29) {
      for (const flip of [0x01, 0x80]) {
        const damaged = body.slice();
        damaged[at]! ^= flip;
        const crash = crashOf(() => {
          const loader = new SnapshotLoader(TREE_OPTIONS);
          loader.push(damaged);
          if (loader.ended) describeTree(loader.finish(0 as Zxid));
        });
        expect(crash).toBeUndefined();
      }
    }
  });
});

/** What was thrown, other than a refusal. */
function crashOf(run: () => void): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof SnapshotError ? undefined : error;
  }
}

/** Writes bodies, sound ones and others. */
class Body {
  readonly #w: JuteWriter = new JuteWriter();

  sessions(): this {
    return this.int(0);
  }

  acls(lists: readonly (readonly [bigint, readonly Acl[]])[]): this {
    this.int(lists.length);
    for (const [id, acls] of lists) {
      this.long(id);
      writeAcls(this.#w, acls);
    }
    return this;
  }

  node(path: string, data: string | null, acl = -1n, owner = 0n, czxid = 1n): this {
    this.#w.writeString(path);
    this.#w.writeBuffer(bytes(data));
    for (const long of [acl, czxid, 1n, 1000n, 1000n]) this.long(long);
    for (let i = 0; i < 3; i++) this.int(0);
    return this.long(owner).long(1n);
  }

  int(value: number): this {
    this.#w.writeInt(value);
    return this;
  }

  long(value: bigint): this {
    this.#w.writeLong(value);
    return this;
  }

  string(value: string): this {
    this.#w.writeString(value);
    return this;
  }

  raw(values: readonly number[]): this {
    this.#w.writeRaw(Uint8Array.from(values));
    return this;
  }

  end(): Uint8Array {
    return this.string('/').bytes();
  }

  bytes(): Uint8Array {
    return this.#w.copy();
  }
}
