import {
  alone,
  type Case,
  check,
  children,
  closeSession,
  container,
  create,
  create2,
  exists,
  get,
  getAcl,
  multi,
  multiRead,
  on,
  open,
  ping,
  raw,
  remove,
  set,
  setAcl,
  ttl,
} from './case.ts';
import type { Operation } from '../wire/operation.ts';
import type { Step } from '../play/step.ts';

const zxidReason = 'a multi that cannot be read takes a zxid in some servers';

/** Where Apache may or may not take a zxid for it. */
function refused(...ops: readonly Operation[]): Step[] {
  return [
    ...alone(create('/a', 'x')),
    ...ops.map((op): Step => ({ do: 'send', conn: 0, ops: [op], drift: zxidReason })),
    ...on(0, ping, children('/')),
  ];
}

/** protocol-notes 7: all or nothing, and what is said of each part. */
export const multis: readonly Case[] = [
  { name: 'an empty multi succeeds and takes a zxid', steps: alone(multi(), ping, multi(), ping) },
  { name: 'an empty multiRead succeeds and takes none', steps: alone(multiRead(), ping) },
  {
    name: 'each part that succeeds has its result',
    in38: 'create2 in a multi is answered without its Stat',
    steps: alone(
      multi(
        create('/a', 'x'),
        create2('/b', 'y'),
        container('/c'),
        ttl('/t', 1000),
        create('/s', '', 2),
        create2('/s', '', 3),
        set('/a', 'z'),
        check('/a', 1),
        remove('/b'),
      ),
      children('/'),
      get('/a'),
      exists('/t'),
    ),
  },
  {
    name: 'a part that fails leaves nothing of the others',
    steps: alone(
      create('/a', 'x'),
      multi(set('/a', 'y'), create('/b'), remove('/missing'), create('/c'), set('/a', 'z')),
      get('/a'),
      children('/'),
      ping,
    ),
  },
  ...(
    [
      ['the first', [remove('/missing'), create('/b'), create('/c')]],
      ['the last', [create('/b'), create('/c'), remove('/missing')]],
      ['the only', [remove('/missing')]],
      ['a check', [create('/b'), check('/a', 7)]],
      ['a check of a missing node', [check('/missing', -1)]],
      ['a bad version', [set('/a', '', 3), create('/b')]],
      ['a bad ACL', [create('/b'), create('/c', '', 0, [])]],
      ['a bad path', [create('/b'), create('bad')]],
      ['a bad path with a NUL', [create('/b'), create('/b\u0000')]],
      ['a node that is there', [create('/b'), create('/b')]],
      ['an ephemeral parent', [create('/e', '', 1), create('/e/c')]],
      ['a node with children', [create('/b'), create('/b/c'), remove('/b')]],
      ['a reserved node', [remove('/zookeeper')]],
      ['an unknown scheme', [create('/b', '', 0, [[31, 'no', 'x']])]],
      ['a missing parent', [create('/x/y')]],
      ['a TTL out of range', [ttl('/t', 0)]],
    ] as const
  ).map(([name, parts]): Case => ({
    name: `a multi whose failing part is ${name}`,
    steps: alone(create('/a', 'x'), multi(...parts), ping, children('/')),
  })),
  {
    name: 'parts see what those before them did',
    steps: alone(
      multi(
        create('/a'),
        create('/a/b'),
        set('/a/b', '1', 0),
        set('/a/b', '2', 1),
        check('/a/b', 2),
        remove('/a/b', 2),
        remove('/a'),
      ),
      multi(
        create('/p'),
        create('/p/s', '', 2),
        create('/p/s', '', 2),
        create('/p/s', '', 3),
        remove('/p/s0000000001'),
      ),
      children('/p'),
      exists('/p'),
    ),
  },
  {
    name: 'a node deleted and created again in one multi is new',
    steps: alone(
      create('/a', 'x'),
      set('/a', 'y'),
      multi(remove('/a', 1), create('/a', 'z'), set('/a', 'w', 0)),
      get('/a'),
    ),
  },
  {
    name: 'all parts have one zxid and one time',
    in38: 'create2 in a multi is answered without its Stat',
    steps: alone(multi(create2('/a'), create2('/b'), create2('/a/c')), exists('/a'), exists('/')),
  },
  {
    name: 'reads in a multi are a MARSHALLINGERROR',
    steps: refused(multi(get('/a')), multi(create('/b'), children('/a')), multi(exists('/a'))),
  },
  {
    name: 'writes in a multiRead',
    steps: refused(
      multiRead(create('/b')),
      multiRead(set('/a', 'y')),
      multiRead(check('/a')),
      multiRead(get('/a'), create('/b')),
      multiRead(create('/b'), get('/a')),
    ),
  },
  {
    name: 'a multi within a multi is a MARSHALLINGERROR',
    steps: refused(multi(multi(create('/b'))), multi(create('/b'), multi())),
  },
  {
    name: 'operations that have no place in a multi are a MARSHALLINGERROR',
    steps: refused(
      multi(setAcl('/a', open)),
      multi(getAcl('/a')),
      multi({ op: 'sync', path: '/a' }),
      multi(ping),
      multi(closeSession),
      multi({ op: 'addWatch', path: '/a', mode: 0 }),
      multi(raw(99)),
      multi(raw(0)),
      multi(raw(-1)),
      multi({ op: 'reconfig', joining: null, leaving: null, members: null, version: -1 }),
    ),
  },
  { name: 'deleteContainer in a multi', steps: refused(multi({ op: 'deleteContainer', path: '/a' })) },
  {
    name: 'a multi without its end is a MARSHALLINGERROR',
    steps: refused(
      raw(14, ''),
      raw(14, '0000000200ffffffff000000022f61ffffffff'),
      raw(14, '0000000200ffffff'),
    ),
  },
  {
    name: 'what follows the end of a multi is ignored',
    steps: refused(raw(14, 'ffffffff01ffffffff', '0000000200ffffffff000000022f61ffffffff')),
  },
  {
    name: 'the error field and the end of a header are taken as they come',
    steps: refused(
      raw(14, '00000002', '00', '00000007', '000000022f61', 'ffffffff', 'ffffffff01ffffffff'),
      raw(14, '00000002', '02', 'ffffffff'),
      raw(14, 'ffffffff00ffffffff'),
    ),
  },
  {
    name: 'unknown flags in a multi',
    steps: refused(
      multi(create('/b', '', 7)),
      multi(create('/b'), create2('/c', '', -1)),
      multi(container('/c', '', 9)),
      multi(ttl('/t', 1000, 9)),
    ),
    in38: 'BADARGUMENTS for the part',
  },
  {
    name: 'flags that do not fit the operation in a multi',
    in38: 'create2 in a multi is answered without its Stat',
    steps: refused(
      multi(create('/c', '', 4)),
      multi(container('/c2', '', 0)),
      multi(container('/c3', '', 1)),
      multi(create('/t', '', 5)),
      multi(ttl('/t', 1000, 0)),
      multi(ttl('/u', 1000, 1)),
    ),
  },
  {
    name: 'null paths in a multi',
    in38: 'an answer begun goes with the error',
    steps: refused(
      multi(create(null)),
      multi(remove(null)),
      multi(set(null)),
      multi(check(null)),
      multi(create2(null)),
    ),
  },
  {
    name: 'a null ACL in a multi: create',
    in38: 'INVALIDACL for the part',
    steps: refused(multi(create('/b', '', 0, null))),
  },
  {
    name: 'a null ACL in a multi: createTTL',
    steps: refused(multi({ op: 'createTTL', path: '/t', data: '', acl: null, flags: 5, ttl: 1000 })),
  },
  {
    name: 'multiRead answers each part for itself',
    steps: alone(
      create('/a', 'x'),
      create('/a/b'),
      create('/l', '', 0, [[30, 'world', 'anyone']]),
      multiRead(
        get('/a'),
        children('/a'),
        get('/missing'),
        children('/missing'),
        get('/l'),
        children('/l'),
        get(''),
        get('bad'),
      ),
    ),
  },
  {
    name: 'null paths in a multiRead',
    steps: refused(multiRead(get(null)), multiRead(get('/a'), children(null), get('/a'))),
  },
  {
    name: 'exists and getChildren2 in a multiRead',
    steps: refused(
      multiRead(exists('/a')),
      multiRead(get('/a'), exists('/a')),
      multiRead({ op: 'getChildren2', path: '/a', watch: false }),
    ),
  },
  {
    name: 'a multi of many parts',
    steps: alone(
      create('/p'),
      multi(...Array.from({ length: 2000 }, (_, i) => create(`/p/${i}`, `${i}`))),
      { op: 'getAllChildrenNumber', path: '/p' },
      exists('/p'),
      multi(...Array.from({ length: 2000 }, (_, i) => remove(`/p/${i}`))),
      exists('/p'),
    ),
  },
  {
    name: 'a multi of ephemerals is undone with its session',
    steps: [
      ...alone(multi(create('/e1', '', 1), create('/e2', '', 1), create('/p'))),
      { do: 'connect', conn: 1 },
      ...on(1, children('/')),
      ...on(0, closeSession),
      ...on(1, children('/')),
    ],
  },
  {
    name: 'a multi may not touch what its user may not',
    steps: alone(
      create('/l', '', 0, [[1, 'world', 'anyone']]),
      multi(create('/b'), set('/l', 'x')),
      multi(create('/l/c')),
      multi(check('/l', 0)),
      create('/n', '', 0, [[30, 'world', 'anyone']]),
      multi(check('/n', 0)),
    ),
  },
];
