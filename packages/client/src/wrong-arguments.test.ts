import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { type Acl, bytes, type Client, type ClientOptions, type Data } from './index.ts';

/** Every method that takes a path, with nothing else wrong. */
const takingPaths: readonly (readonly [name: string, call: (zk: Client, path: string) => unknown])[] = [
  ['get', (zk, path) => zk.get(path)],
  ['get with a codec', (zk, path) => zk.get(path, bytes)],
  ['tryGet', (zk, path) => zk.tryGet(path)],
  ['exists', (zk, path) => zk.exists(path)],
  ['children', (zk, path) => zk.children(path)],
  ['childCount', (zk, path) => zk.childCount(path)],
  ['ephemerals', (zk, path) => zk.ephemerals(path)],
  ['getAcl', (zk, path) => zk.getAcl(path)],
  ['setAcl', (zk, path) => zk.setAcl(path, [])],
  ['sync', (zk, path) => zk.sync(path)],
  ['walk', (zk, path) => zk.walk(path)],
  ['create', (zk, path) => zk.create(path)],
  ['ensurePath', (zk, path) => zk.ensurePath(path)],
  ['create with care', (zk, path) => zk.create(path, '', { parents: true, protect: true, orSet: true })],
  ['set', (zk, path) => zk.set(path, '')],
  ['set with a retry', (zk, path) => zk.set(path, '', { version: 1, retry: true })],
  ['delete', (zk, path) => zk.delete(path)],
  ['delete of a subtree', (zk, path) => zk.delete(path, { recursive: true, ifExists: true })],
  ['at', (zk, path) => zk.at(path)],
  ['node', (zk, path) => zk.node(path, bytes)],
  ['watch', (zk, path) => zk.watch(path)],
  ['subscribe', (zk, path) => zk.subscribe(path, () => {})],
  ['once.get', (zk, path) => zk.once.get(path)],
  ['once.exists', (zk, path) => zk.once.exists(path)],
  ['once.children', (zk, path) => zk.once.children(path)],
  ['transaction().create', (zk, path) => zk.transaction().create(path)],
  ['transaction().set', (zk, path) => zk.transaction().set(path, '')],
  ['transaction().delete', (zk, path) => zk.transaction().delete(path)],
  ['transaction().check', (zk, path) => zk.transaction().check(path, 0)],
  ['multiRead().get', (zk, path) => zk.multiRead().get(path)],
  ['multiRead().children', (zk, path) => zk.multiRead().children(path)],
  ['quotas.get', (zk, path) => zk.quotas.get(path)],
  ['quotas.set', (zk, path) => zk.quotas.set(path, {})],
  ['quotas.delete', (zk, path) => zk.quotas.delete(path)],
];

const takingData: readonly (readonly [name: string, call: (zk: Client, data: Data) => unknown])[] = [
  ['create', (zk, data) => zk.create('/a', data)],
  ['create with care', (zk, data) => zk.create('/a', data, { protect: true })],
  ['set', (zk, data) => zk.set('/a', data)],
  ['set with a retry', (zk, data) => zk.set('/a', data, { version: 0, retry: true })],
  ['addAuth', (zk, data) => zk.addAuth('digest', data)],
  ['transaction().create', (zk, data) => zk.transaction().create('/a', data)],
  ['transaction().set', (zk, data) => zk.transaction().set('/a', data)],
];

const takingVersions: readonly (readonly [name: string, call: (zk: Client, version: number) => unknown])[] = [
  ['set', (zk, version) => zk.set('/a', '', { version })],
  ['delete', (zk, version) => zk.delete('/a', { version })],
  ['setAcl', (zk, version) => zk.setAcl('/a', [], { version })],
  ['transaction().set', (zk, version) => zk.transaction().set('/a', '', version)],
  ['transaction().delete', (zk, version) => zk.transaction().delete('/a', version)],
  ['transaction().check', (zk, version) => zk.transaction().check('/a', version)],
];

const takingAcls: readonly (readonly [name: string, call: (zk: Client, acl: readonly Acl[]) => unknown])[] = [
  ['create', (zk, acl) => zk.create('/a', '', { acl })],
  ['setAcl', (zk, acl) => zk.setAcl('/a', acl)],
  ['transaction().create', (zk, acl) => zk.transaction().create('/a', '', { acl })],
];

/** What no caller with types would write. */
// oxlint-disable-next-line typescript/no-explicit-any
const wrong = (value: unknown): any => value;

describe('before anything is sent', () => {
  describe.each(takingPaths)('%s refuses a path', (_, call) => {
    it.each([
      ['that is no text', TypeError, wrong(7)],
      ['that is missing', TypeError, wrong(null)],
      ['of nothing', RangeError, ''],
      ['that is relative', RangeError, 'a'],
      ['with an empty name', RangeError, '/a//b'],
      ['that climbs', RangeError, '/a/../b'],
      ['with a zero in it', RangeError, '/a\0b'],
    ] as const)('%s', async (_title, ErrorClass, path) => {
      expect(await refusal((zk) => call(zk, path))).toBeInstanceOf(ErrorClass);
    });
  });

  describe.each(takingData)('%s refuses data', (_, call) => {
    it.each([
      ['of no kind', TypeError, wrong(7)],
      ['that are an object', TypeError, wrong({ a: 1 })],
      ['that no server takes', RangeError, new Uint8Array(1_048_576)],
    ] as const)('%s', async (_title, ErrorClass, data) => {
      expect(await refusal((zk) => call(zk, data))).toBeInstanceOf(ErrorClass);
    });

    it('that no server takes with the limit that is set', async () => {
      const error = await refusal((zk) => call(zk, new Uint8Array(1001)), { requestMax: 1000 });

      expect(error).toBeInstanceOf(RangeError);
      expect(String(error)).toContain('1000');
    });
  });

  describe.each(takingVersions)('%s refuses a version', (_, call) => {
    it.each([
      ['that is text', TypeError, wrong('1')],
      ['that is no whole number', RangeError, 0.5],
      ['that is no number', RangeError, Number.NaN],
      ['of more than 32 bits', RangeError, 2 ** 31],
    ] as const)('%s', async (_title, ErrorClass, version) => {
      expect(await refusal((zk) => call(zk, version))).toBeInstanceOf(ErrorClass);
    });
  });

  describe.each(takingAcls)('%s refuses an ACL', (_, call) => {
    it.each([
      ['that is no list', TypeError, wrong('world:anyone:r')],
      ['with an entry that is none', TypeError, wrong([7])],
      ['whose scheme is no text', TypeError, [{ perms: 'r', scheme: wrong(7), id: 'x' }]],
      ['with a permission that is none', RangeError, [{ perms: 'rx', scheme: 'world', id: 'anyone' }]],
    ] as const)('%s', async (_title, ErrorClass, acl) => {
      expect(await refusal((zk) => call(zk, acl))).toBeInstanceOf(ErrorClass);
    });
  });

  it.each<readonly [string, typeof Error, (zk: Client) => unknown]>([
    ['an ephemeral node with a ttl', RangeError, (zk) => zk.create('/a', '', { mode: 'ephemeral', ttl: 5 })],
    ['a ttl of nothing', RangeError, (zk) => zk.create('/a', '', { ttl: 0 })],
    ['a mode that is none', RangeError, (zk) => zk.create('/a', '', { mode: wrong('eternal') })],
    [
      'a sequential container',
      RangeError,
      (zk) => zk.create('/a', '', { mode: 'container', sequential: true }),
    ],
    [
      'orSet of a sequential node',
      RangeError,
      (zk) => zk.create('/a', '', { orSet: true, sequential: true }),
    ],
    ['a retry of a set without a version', RangeError, (zk) => zk.set('/a', '', { retry: true })],
    ['a retry of a delete without a version', RangeError, (zk) => zk.delete('/a', { retry: true })],
    // As others take them: a version that is taken for no options would overwrite what it was to guard.
    ['a version in the place of the options of set', TypeError, (zk) => zk.set('/a', '', wrong(3))],
    ['a version in the place of the options of delete', TypeError, (zk) => zk.delete('/a', wrong(3))],
    ['a version in the place of the options of setAcl', TypeError, (zk) => zk.setAcl('/a', [], wrong(3))],
    [
      'a mode in the place of the options of create',
      TypeError,
      (zk) => zk.create('/a', '', wrong('ephemeral')),
    ],
    ['options that are null', TypeError, (zk) => zk.set('/a', '', wrong(null))],
    ['a codec that is a name', TypeError, (zk) => zk.get('/a', wrong('utf8'))],
    ['a codec of once that is a name', TypeError, (zk) => zk.once.get('/a', wrong('utf8'))],
    ['a listener to states that is none', TypeError, (zk) => zk.onState(wrong(undefined))],
    ['a listener that is none', TypeError, (zk) => zk.subscribe('/a', wrong(7))],
    ['a scheme that is no text', TypeError, (zk) => zk.addAuth(wrong(7), 'x')],
    ['a word that is none', RangeError, (zk) => zk.command('RUOK!')],
    ['a quota of the root', RangeError, (zk) => zk.quotas.set('/', {})],
    ['a quota that is no limit', RangeError, (zk) => zk.quotas.set('/a', { count: -5 })],
    ['both members and changes of them', RangeError, (zk) => zk.ensemble.reconfig({ members: [], join: [] })],
    ['a connect string of nothing', RangeError, (zk) => zk.useServers('')],
  ])('%s is refused', async (_, ErrorClass, call) => {
    expect(await refusal(call)).toBeInstanceOf(ErrorClass);
  });

  it.each<readonly [string, ClientOptions]>([
    ['', {}],
    [',', {}],
    ['server:0', {}],
    ['server:70000', {}],
    ['server:2181/a/', {}],
    ['zk://server:2181', {}],
    ['server:2181', { sessionTimeout: 0 }],
    ['server:2181', { connectTimeout: -1 }],
    ['server:2181', { requestTimeout: -1 }],
    ['server:2181', { requestMax: 0 }],
    ['server:2181', { replyMax: Number.POSITIVE_INFINITY }],
    ['server:2181', { pendingMax: Number.NaN }],
    ['server:2181', { unsentMax: 0 }],
    ['server:2181', { onExpired: wrong('wait') }],
  ])('no client is made of "%s" with %j', (hosts, options) => {
    expect(() => new World().open(options, hosts)).toThrow(RangeError);
  });

  it.each<readonly [unknown, ClientOptions]>([
    [7, {}],
    ['server:2181', { sessionTimeout: wrong('10 s') }],
    ['server:2181', { auth: wrong('digest:ann:secret') }],
    ['server:2181', { auth: wrong([{ scheme: 'digest' }]) }],
    ['server:2181', { session: wrong({ id: 7, password: new Uint8Array(16) }) }],
    ['server:2181', { session: wrong({ id: 7n, password: 'secret' }) }],
  ])('no client is made of %s with %o', (hosts, options) => {
    expect(() => new World().open(options, wrong(hosts))).toThrow(TypeError);
  });
});

/** What it is refused with, having asked nothing of any server, now or when there is one. */
async function refusal(call: (zk: Client) => unknown, options: ClientOptions = {}): Promise<unknown> {
  const made: string[] = [];
  const observer = { requestMade: ({ op }: { op: string }) => void made.push(op) };
  const zk = new World().open({ observer, ...options });
  const error = await outcome(() => call(zk));
  await zk.close();
  expect(made).toEqual([]);
  return error;
}

async function outcome(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}
