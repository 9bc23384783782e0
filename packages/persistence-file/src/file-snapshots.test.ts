import { gunzipSync, gzipSync } from 'node:zlib';
import type { PersistenceError, SnapshotTrailer, Storage } from '@corral/persistence';
import { MemoryDisk } from '@corral/persistence/memory';
import { describe, expect, test } from 'vitest';
import { contentOf, DIRECTORY, hex, namesOn, openOn, put, toHex } from '../test/files.ts';
import { at, CountedBody, sampleBody } from '@corral/persistence/compliance';
import { readSnapshotStream } from './snapshot-reader.ts';

/** snapshot.0 of a fresh Apache 3.9.5: header, body, seal, empty digest, seal, last processed zxid, seal. */
const APACHE_SNAPSHOT = hex(`
  5a4b534e 00000002 ffffffffffffffff
  00000000 00000001 0000000000000001 00000001 00000001 00000005 776f726c64 00000006 616e796f6e65
  00000000 00000000 ffffffffffffffff ${'00'.repeat(60)}
  0000000a 2f7a6f6f6b6565706572 00000000 ffffffffffffffff ${'00'.repeat(60)}
  00000011 2f7a6f6f6b65657065722f636f6e666967 00000000 0000000000000001
           ${'00'.repeat(40)} ffffffff ${'00'.repeat(16)}
  00000010 2f7a6f6f6b65657065722f71756f7461 00000000 ffffffffffffffff ${'00'.repeat(60)}
  00000001 2f
  00000000b8a23b49 00000001 2f
  0000000000000000 00000002 0000000000000000  0000000095b93d59 00000001 2f
  0000000000000000  00000000bde83f6d 00000001 2f`);
const APACHE_BODY = APACHE_SNAPSHOT.subarray(16, 411);
const APACHE_TRAILER: SnapshotTrailer = {
  digest: { zxid: at(0), version: 2, value: 0n },
  lastProcessedZxid: at(0),
};

/** The same, packed by Apache with zookeeper.snapshot.compression.method=gz and =snappy. */
const APACHE_GZ = hex(`
  1f8b08000000000000ff8bf20ef663606060fa0f050c10c08844c3306b797e514e0a90c1969857999f970a55c280a6955cc0
  a55f959f9f9d9a5a905a4445530511a6ea27e7e7a565a6234932e2d4860670384400c9f0c2d2fc92442a3a9c511f44ee5864
  ed09e7400113b2b2a93b6d23d11530ec7d619f0b160400ed2b96f8de010000`);
const APACHE_SNAPPY = hex(`
  82534e41505059000000000100000001000000a4de03205a4b534e00000002ff0d0100000901000109070508010c01043c05
  776f726c6400000006616e796f6e650d2300000d3a113bde0100280a2f7a6f6f6b65657065720143fe56000d560011195618
  2f636f6e666967015d0d0101d6920100018d4a290000101d5d1071756f74610124012c0101010cea01002c012f00000000b8
  a23b4900000d0d0d0100020d0805010c95b93d593e21002400bde83f6d000000012f`);

async function take(
  storage: Storage,
  zxid: number,
  body: Uint8Array,
  trailer: SnapshotTrailer,
): Promise<void> {
  const sink = await storage.snapshots.create(at(zxid));
  await sink.write(body);
  await sink.commit(trailer);
}

async function loaded(
  storage: Storage,
  length: number,
): Promise<{ body: Uint8Array; trailer: SnapshotTrailer }> {
  const [newest] = await storage.snapshots.list();
  const body = new CountedBody(length);
  const trailer = await storage.snapshots.load(newest!, body);
  return { body: body.bytes, trailer };
}

async function failureOf(promise: Promise<unknown>): Promise<PersistenceError | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => error as PersistenceError,
  );
}

describe('a snapshot file', () => {
  test('is, byte for byte, what Apache writes', async () => {
    const disk = new MemoryDisk();
    await take(await openOn(disk), 0, APACHE_BODY, APACHE_TRAILER);
    expect(toHex(await contentOf(disk, 'snapshot.0'))).toBe(toHex(APACHE_SNAPSHOT));
  });

  test.each([
    ['snapshot.0', APACHE_SNAPSHOT],
    ['snapshot.0.gz', APACHE_GZ],
    ['snapshot.0.snappy', APACHE_SNAPPY],
  ])('of Apache named %s is read', async (name, content) => {
    const disk = new MemoryDisk();
    await (await openOn(disk)).close();
    await put(disk, name, content);
    const storage = await openOn(disk);
    expect(storage.state.isEmpty).toBe(false);
    const { body, trailer } = await loaded(storage, APACHE_BODY.length);
    expect(toHex(body)).toBe(toHex(APACHE_BODY));
    expect(trailer).toEqual(APACHE_TRAILER);
  });

  test('of an older Apache ends with an earlier section', async () => {
    for (const [length, trailer] of [
      [424, {}],
      [457, { digest: APACHE_TRAILER.digest }],
    ] as const) {
      const disk = new MemoryDisk();
      await (await openOn(disk)).close();
      await put(disk, 'snapshot.0', APACHE_SNAPSHOT.subarray(0, length));
      expect((await loaded(await openOn(disk), APACHE_BODY.length)).trailer).toEqual(trailer);
    }
  });

  test('may hold a digest of version 1, which is text', async () => {
    const disk = new MemoryDisk();
    const digest = { zxid: at(3), version: 1, value: 0xabcdn };
    await take(await openOn(disk), 3, APACHE_BODY, { digest, lastProcessedZxid: at(4) });
    expect((await loaded(await openOn(disk.afterProcessDeath()), 395)).trailer).toEqual({
      digest,
      lastProcessedZxid: at(4),
    });
  });

  test('is packed as wanted, and then named so', async () => {
    const disk = new MemoryDisk();
    const body = sampleBody(200_000);
    await take(await openOn(disk, { snapshotCompression: 'gz' }), 1, body, { lastProcessedZxid: at(1) });
    const plain = gunzipSync(await contentOf(disk, 'snapshot.1.gz'));
    expect(plain.subarray(16, 200_016).equals(body)).toBe(true);
    const snappy = await openOn(disk.afterProcessDeath(), { snapshotCompression: 'snappy' });
    await take(snappy, 2, body, { lastProcessedZxid: at(2) });
    expect((await namesOn(disk.afterProcessDeath())).filter((name) => name.startsWith('snapshot'))).toEqual([
      'snapshot.1.gz',
      'snapshot.2.snappy',
    ]);
  });

  test.each(['gz', 'snappy'] as const)(
    'packed with %s comes back in pieces of any size',
    async (snapshotCompression) => {
      const disk = new MemoryDisk();
      const storage = await openOn(disk, { snapshotCompression });
      for (const length of [1, 32_767, 32_768, 1_000_000]) {
        const body = sampleBody(length, length);
        await take(storage, length, body, { lastProcessedZxid: at(9) });
        expect((await loaded(storage, length)).body).toEqual(body);
      }
    },
  );

  test('has its name only when all of it is durable', async () => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk);
    const seen: string[][] = [];
    disk.onOperation = ({ kind }) => {
      if (kind === 'datasync' || kind === 'rename') void namesOn(disk).then((names) => seen.push(names));
    };
    await take(storage, 5, APACHE_BODY, {});
    expect(seen).toEqual([['unfinished-snapshot.5'], ['unfinished-snapshot.5']]);
    expect(disk.journal.slice(-3).map(({ kind }) => kind)).toEqual(['datasync', 'rename', 'syncDirectory']);
  });

  test('that a crash left unfinished is removed, and told', async () => {
    const disk = new MemoryDisk();
    const sink = await (await openOn(disk)).snapshots.create(at(5));
    await sink.write(sampleBody(300_000));
    const next = disk.afterProcessDeath();
    const storage = await openOn(next);
    expect(storage.state).toEqual({
      isEmpty: true,
      repairs: ['unfinished-snapshot.5 was left by a crash and removed'],
    });
    expect(await namesOn(next)).toEqual([]);
  });

  test('is synced every 16 MiB, so that the log never waits for all of it', async () => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk);
    const sink = await storage.snapshots.create(at(1));
    const chunk = new Uint8Array(1 << 20);
    for (let i = 0; i < 40; i++) await sink.write(chunk);
    await sink.commit({});
    expect(
      disk.journal.filter(({ kind, path }) => kind === 'datasync' && path.includes('snapshot')),
    ).toHaveLength(3);
  });

  test('that finds no room is aborted, and the rest goes on', async () => {
    for (const kind of ['write', 'datasync', 'rename'] as const) {
      const disk = new MemoryDisk();
      const storage = await openOn(disk);
      const sink = await storage.snapshots.create(at(5));
      disk.faults = (operation) => (operation.kind === kind ? { error: 'NO_SPACE' } : undefined);
      await expect(sink.write(sampleBody(100)).then(() => sink.commit({}))).rejects.toMatchObject({
        code: 'NO_SPACE',
      });
      disk.faults = () => undefined;
      expect(await namesOn(disk)).toEqual([]);
      await take(storage, 6, APACHE_BODY, {});
      expect((await storage.snapshots.list()).map(({ zxid }) => zxid)).toEqual([6]);
    }
  });
});

describe('a damaged snapshot', () => {
  test('is DAMAGED, or not listed, whichever bit is flipped', async () => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk);
    for (let i = 0; i < APACHE_SNAPSHOT.length; i++) {
      const content = APACHE_SNAPSHOT.slice();
      content[i]! ^= 1 << (i % 8);
      await put(disk, 'snapshot.0', content);
      const [info] = await storage.snapshots.list();
      const failure =
        info === undefined ? undefined : await failureOf(storage.snapshots.load(info, new CountedBody(395)));
      expect(info === undefined ? 'not listed' : failure?.code, `byte ${i}`).toBeOneOf([
        'not listed',
        'DAMAGED',
      ]);
    }
  });

  test('is DAMAGED, or not listed, wherever it is cut', async () => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk);
    const whole = [424, 457, APACHE_SNAPSHOT.length];
    for (let length = 0; length < APACHE_SNAPSHOT.length; length++) {
      if (whole.includes(length)) continue;
      await put(disk, 'snapshot.0', APACHE_SNAPSHOT.subarray(0, length));
      const [info] = await storage.snapshots.list();
      const failure =
        info === undefined ? undefined : await failureOf(storage.snapshots.load(info, new CountedBody(395)));
      expect(info === undefined ? 'not listed' : failure?.code, `${length} bytes`).toBeOneOf([
        'not listed',
        'DAMAGED',
      ]);
    }
  });

  test.each([
    ['gz', APACHE_GZ],
    ['snappy', APACHE_SNAPPY],
  ])(
    'packed with %s is DAMAGED, not listed, or still the same, whichever byte is wrong',
    async (suffix, packed) => {
      const disk = new MemoryDisk();
      const storage = await openOn(disk);
      for (let i = 0; i < packed.length; i++) {
        const content = packed.slice();
        content[i]! ^= 0x55;
        await put(disk, `snapshot.0.${suffix}`, content);
        const [info] = await storage.snapshots.list();
        const body = new CountedBody(395);
        const failure = info === undefined ? undefined : await failureOf(storage.snapshots.load(info, body));
        // Some bytes of a gzip header say nothing about the content (time, system).
        const isSame = failure === undefined && toHex(body.bytes) === toHex(APACHE_BODY);
        const outcome = info === undefined ? 'not listed' : isSame ? 'same' : failure?.code;
        expect(outcome, `byte ${i}`).toBeOneOf(['not listed', 'DAMAGED', 'same']);
      }
    },
  );

  test.each([
    ['bytes that are no gzip', [1, 2, 3], 'DAMAGED'],
    ['zeros', [0, 0, 0], 'same'],
    ['so many zeros that they come in several pieces', Array.from({ length: 3 << 18 }, () => 0), 'same'],
  ] as const)('packed with gz, and %j behind its end, comes to an end', async (_, tail, outcome) => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk);
    await put(disk, 'snapshot.0.gz', new Uint8Array([...APACHE_GZ, ...tail]));
    const [info] = await storage.snapshots.list();
    const body = new CountedBody(395);

    const failure = await failureOf(storage.snapshots.load(info!, body));

    const isSame = failure === undefined && toHex(body.bytes) === toHex(APACHE_BODY);
    expect(isSame ? 'same' : failure?.code).toBe(outcome);
  });

  test('that unpacks to more than is believed is given up there', async () => {
    const disk = new MemoryDisk();
    await (await openOn(disk)).close();
    const bomb = new Uint8Array(20_000_000);
    bomb.set(APACHE_SNAPSHOT.subarray(0, 16));
    await put(disk, 'snapshot.0.gz', gzipSync(bomb));
    const storage = await openOn(disk, { maxSnapshotBytes: 1_000_000 });
    let taken = 0;
    const endless = { ended: false, push: (chunk: Uint8Array) => (taken += chunk.length) && chunk.length };
    const [info] = await storage.snapshots.list();
    await expect(storage.snapshots.load(info!, endless)).rejects.toMatchObject({ code: 'DAMAGED' });
    expect(taken).toBeLessThanOrEqual(1_000_000);
  });

  test('that unpacks to a thousand times its size is read piece by piece, and no further than it makes sense', async () => {
    const disk = new MemoryDisk();
    await (await openOn(disk)).close();
    const bomb = new Uint8Array(1 << 26);
    bomb.set(APACHE_SNAPSHOT.subarray(0, 16));
    await put(disk, 'snapshot.0.gz', gzipSync(bomb));
    const storage = await openOn(disk);
    const [info] = await storage.snapshots.list();
    let pushed = 0;

    const loading = storage.snapshots.load(info!, {
      ended: false,
      push: (chunk) => {
        pushed += chunk.length;
        if (pushed > 1 << 18) throw new Error('nonsense');
        return chunk.length;
      },
    });

    await expect(loading).rejects.toMatchObject({ code: 'DAMAGED' });
    expect(pushed).toBeLessThan(1 << 19);
  });

  test('does not count when the newest are kept, and goes with what is older', async () => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk);
    for (const zxid of [1, 2, 3]) await take(storage, zxid, APACHE_BODY, {});
    for (const name of ['snapshot.0', 'snapshot.4', 'snapshot.5', 'snapshot.6'])
      await put(disk, name, new Uint8Array(50));
    await storage.snapshots.purge(2);
    expect(await namesOn(disk)).toEqual([
      'snapshot.2',
      'snapshot.3',
      'snapshot.4',
      'snapshot.5',
      'snapshot.6',
    ]);
    expect((await storage.snapshots.list()).map(({ zxid }) => zxid)).toEqual([3, 2]);
  });

  test('still means that something was stored here', async () => {
    const disk = new MemoryDisk();
    await (await openOn(disk)).close();
    await put(disk, 'snapshot.7', new Uint8Array(50));
    const storage = await openOn(disk);
    expect(storage.state.isEmpty).toBe(false);
    expect(await storage.snapshots.list()).toEqual([]);
  });
});

test('files that are none of ours are left alone', async () => {
  const disk = new MemoryDisk();
  await (await openOn(disk)).close();
  for (const name of ['snapshot.x', 'snapshot.5.tmp', 'notes', 'snapshots.5'])
    await put(disk, name, hex('01'));
  const storage = await openOn(disk);
  await take(storage, 9, APACHE_BODY, {});
  await storage.snapshots.purge(1);
  expect(await storage.snapshots.list()).toHaveLength(1);
  expect(await namesOn(disk)).toEqual(['notes', 'snapshot.5.tmp', 'snapshot.9', 'snapshot.x', 'snapshots.5']);
  expect(await disk.stat(`${DIRECTORY}/notes`)).toBeDefined();
});

describe('a snapshot that comes as a stream', () => {
  async function* inPieces(whole: Uint8Array, size: number): AsyncIterable<Uint8Array> {
    for (let start = 0; start < whole.length; start += size) yield whole.subarray(start, start + size);
  }

  const read = async (
    pieces: AsyncIterable<Uint8Array>,
    bytesMax = 10_000,
  ): Promise<{ body: Uint8Array; trailer: SnapshotTrailer }> => {
    const body = new CountedBody(APACHE_BODY.length);
    const trailer = await readSnapshotStream(pieces, body, bytesMax);
    return { body: body.bytes, trailer };
  };

  test.each([
    ['plain', APACHE_SNAPSHOT],
    ['packed with gzip', APACHE_GZ],
    ['packed with snappy', APACHE_SNAPPY],
  ])('%s, is read in whatever pieces it comes', async (_, whole) => {
    for (const size of [1, 7, 8, 9, 100, whole.length]) {
      const { body, trailer } = await read(inPieces(whole, size));
      expect([size, toHex(body), trailer]).toEqual([size, toHex(APACHE_BODY), APACHE_TRAILER]);
    }
  });

  test.each([
    ['plain', APACHE_SNAPSHOT],
    ['packed with gzip', APACHE_GZ],
    ['packed with snappy', APACHE_SNAPPY],
  ])('%s, is refused wherever it is cut, but where a whole section is missing', async (_, whole) => {
    const readable: number[] = [];
    for (let length = 0; length < whole.length; length++) {
      const failure = await failureOf(read(inPieces(whole.subarray(0, length), 50)));
      expect([length, failure?.code ?? 'DAMAGED']).toEqual([length, 'DAMAGED']);
      if (failure === undefined) readable.push(length);
    }
    expect(readable).toEqual(whole === APACHE_SNAPSHOT ? [424, 457] : []);
  });

  test('is refused where it is, or becomes, more than it may be', async () => {
    const { length } = APACHE_SNAPSHOT;
    await read(inPieces(APACHE_SNAPSHOT, 10), length);
    for (const whole of [APACHE_SNAPSHOT, APACHE_GZ, APACHE_SNAPPY])
      expect((await failureOf(read(inPieces(whole, 10), length - 1)))?.message).toContain(
        `more than ${length - 1}`,
      );
  });

  test('that breaks is no snapshot: whoever reads it is told why', async () => {
    async function* broken(): AsyncIterable<Uint8Array> {
      yield APACHE_SNAPSHOT.subarray(0, 300);
      throw new Error('the connection is gone');
    }
    await expect(read(broken())).rejects.toThrow('the connection is gone');
  });
});
