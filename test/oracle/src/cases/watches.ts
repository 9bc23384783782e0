import {
  addWatch,
  alone,
  auth,
  burst,
  type Case,
  children,
  children2,
  closeSession,
  create,
  exists,
  get,
  multi,
  multiRead,
  on,
  ping,
  remove,
  set,
  setAcl,
} from './case.ts';
import type { Operation, Texts } from '../wire/operation.ts';
import type { Step } from '../play/step.ts';

const persistent = 0;
const recursive = 1;
/** Children, Data, Any, Persistent, PersistentRecursive; and two that are none. */
const watcherTypes = [1, 2, 3, 4, 5];

function setWatches(before: number, data: Texts, exist: Texts, child: Texts): Operation {
  return { op: 'setWatches', since: { before }, data, exist, child };
}

function setWatches2(
  before: number,
  data: Texts,
  exist: Texts,
  child: Texts,
  plain: Texts,
  deep: Texts,
): Operation {
  return { op: 'setWatches2', since: { before }, data, exist, child, persistent: plain, recursive: deep };
}

function checkAll(path: string): Operation[] {
  return watcherTypes.map((type) => ({ op: 'checkWatches', path, type }));
}

const watchKinds: readonly (readonly [string, (path: string) => Operation])[] = [
  ['an exists', (path) => exists(path, true)],
  ['a getData', (path) => get(path, true)],
  ['a getChildren', (path) => children(path, true)],
  ['a getChildren2', (path) => children2(path, true)],
  ['a persistent', (path) => addWatch(path, persistent)],
  ['a recursive', (path) => addWatch(path, recursive)],
];

/** What can happen to /w/n and around it, in one order. */
const changes: readonly Operation[] = [
  set('/w/n', '1'),
  create('/w/n/c'),
  set('/w/n/c', '1'),
  setAcl('/w/n', [[31, 'world', 'anyone']]),
  create('/w/n/c/d'),
  remove('/w/n/c/d'),
  remove('/w/n/c'),
  create('/w/m'),
  remove('/w/n'),
  remove('/w/m'),
  create('/w/n'),
  set('/w/n', '2'),
];

function watchedBy(...watches: readonly Operation[]): Step[] {
  return [
    ...alone(create('/w'), create('/w/n')),
    { do: 'connect', conn: 1 },
    ...on(1, ...watches),
    ...changes.flatMap((change): Step[] => [...on(0, change), ...on(1, ping)]),
    ...on(1, ...checkAll('/w/n'), ...checkAll('/w')),
  ];
}

/** protocol-notes 4: which watches fire when, for whom, in which order. */
export const watches: readonly Case[] = [
  ...watchKinds.flatMap(([name, watch]): Case[] => [
    { name: `${name} watch on a node`, steps: watchedBy(watch('/w/n')) },
    { name: `${name} watch on the parent of what changes`, steps: watchedBy(watch('/w')) },
    { name: `${name} watch on the top`, steps: watchedBy(watch('/')) },
    { name: `${name} watch on a node that is not there`, steps: watchedBy(watch('/w/m')) },
  ]),
  ...watchKinds.flatMap(([name, watch], i) =>
    watchKinds.slice(i + 1).map(([other, second]): Case => ({
      name: `${name} and ${other} watch on one node: one event for each change`,
      steps: watchedBy(watch('/w/n'), second('/w/n')),
      ...(other === 'a recursive' && name.startsWith('a getChildren')
        ? { in38: 'the event of the children is lost' }
        : {}),
    })),
  ),
  ...watchKinds.flatMap(([name, watch]) =>
    watcherTypes.map((type): Case => ({
      name: `${name} watch is removed, or not, by removeWatches of type ${type}`,
      steps: watchedBy(watch('/w/n'), { op: 'removeWatches', path: '/w/n', type }, ...checkAll('/w/n')),
    })),
  ),
  {
    name: 'all kinds together, and each removed alone',
    steps: [
      ...alone(create('/w'), create('/w/n')),
      ...watcherTypes.flatMap((type) =>
        on(
          0,
          ...watchKinds.map(([, watch]) => watch('/w/n')),
          { op: 'removeWatches', path: '/w/n', type },
          ...checkAll('/w/n'),
          set('/w/n', 'x'),
          create('/w/n/c'),
          remove('/w/n/c'),
        ),
      ),
    ],
  },
  {
    name: 'the event comes before the reply of the write that caused it',
    steps: alone(
      create('/a'),
      get('/a', true),
      set('/a', 'x'),
      children('/', true),
      create('/b'),
      exists('/c', true),
      create('/c'),
    ),
  },
  {
    name: 'the event comes before the reply of a read behind the write, in one burst',
    steps: [
      ...alone(create('/a')),
      burst(0, get('/a', true), set('/a', '1'), get('/a', true), set('/a', '2'), get('/a')),
    ],
  },
  {
    name: 'a node created and deleted in one multi fires for both, in order',
    in38: 'a recursive watch takes the event of children from the other watches',
    steps: alone(
      create('/w'),
      exists('/w/x', true),
      children('/w', true),
      addWatch('/w', recursive),
      multi(create('/w/x'), set('/w/x', '1'), remove('/w/x'), create('/w/y')),
    ),
  },
  {
    name: 'a multi that fails fires nothing',
    steps: alone(
      create('/w'),
      children('/w', true),
      addWatch('/w', recursive),
      multi(create('/w/x'), remove('/missing')),
      ping,
    ),
  },
  {
    name: 'the children watch of a parent fires once for several changes in one multi',
    steps: alone(
      create('/w'),
      children('/w', true),
      multi(create('/w/x'), create('/w/y'), remove('/w/x')),
      children('/w'),
    ),
  },
  {
    name: 'a read that fails leaves no watch, but exists of a missing node does',
    in38: 'exists needs no right',
    steps: alone(
      create('/locked', '', 0, [[30, 'world', 'anyone']]),
      get('/missing', true),
      children('/missing', true),
      get('/locked', true),
      exists('/locked', true),
      children('/locked', true),
      exists('/missing2', true),
      create('/missing'),
      create('/missing2'),
      set('/locked', 'x'),
      ...checkAll('/locked'),
      ...checkAll('/missing'),
    ),
  },
  {
    name: 'who may not read a node hears nothing of it, and the watch is spent all the same',
    in38: 'a recursive watch takes the event of children from the other watches',
    steps: [
      ...alone(create('/w')),
      { do: 'connect', conn: 1 },
      ...on(1, get('/w', true), children('/w', true), addWatch('/w', persistent), addWatch('/', recursive)),
      ...on(
        0,
        auth('bob:secret'),
        setAcl('/w', [[31, 'auth', '']]),
        set('/w', 'x'),
        create('/w/c'),
        remove('/w/c'),
      ),
      ...on(1, ping, ...checkAll('/w')),
      ...on(0, remove('/w')),
      ...on(1, ping, ...checkAll('/w')),
    ],
  },
  {
    name: 'an event of children is for who may read the parent',
    in38: 'a recursive watch takes the event of children from the other watches',
    steps: [
      ...alone(create('/w'), auth('bob:secret')),
      { do: 'connect', conn: 1 },
      ...on(1, children('/w', true), addWatch('/w', recursive)),
      ...on(0, create('/w/c', '', 0, [[31, 'auth', '']]), set('/w/c', 'x'), remove('/w/c')),
      ...on(1, ping),
    ],
  },
  {
    name: 'addWatch of an unknown mode is a MARSHALLINGERROR',
    steps: alone(...[2, 3, -1, 0x7fffffff].map((mode) => addWatch('/a', mode)), ping),
  },
  {
    name: 'addWatch takes any path',
    in38: 'checkWatches does not find what it finds for other paths',
    steps: alone(
      ...['', 'x', '/a/', '/a//b', '/a\u0000', '//'].flatMap((path) => [
        addWatch(path, persistent),
        addWatch(path, recursive),
        { op: 'checkWatches', path, type: 3 } as const,
      ]),
      create('/x'),
      ping,
    ),
  },
  {
    name: 'a watch on a null path',
    in38: 'checkWatches and removeWatches are a MARSHALLINGERROR',
    steps: alone(
      addWatch(null, persistent),
      { op: 'checkWatches', path: null, type: 3 },
      { op: 'removeWatches', path: null, type: 3 },
    ),
    differs: 'Apache 3.9 keeps it',
    ours: /addWatch .*err=-5/,
  },
  {
    name: 'checkWatches and removeWatches of an unknown type are a MARSHALLINGERROR',
    steps: alone(
      exists('/a', true),
      ...[0, 6, -1, 99].flatMap((type) => [
        { op: 'checkWatches', path: '/a', type } as const,
        { op: 'removeWatches', path: '/a', type } as const,
      ]),
      ping,
    ),
  },
  {
    name: 'watches that are not there are NOWATCHER',
    steps: alone(
      ...watcherTypes.flatMap((type) => [
        { op: 'checkWatches', path: '/a', type } as const,
        { op: 'removeWatches', path: '/a', type } as const,
      ]),
    ),
  },
  {
    name: 'watches belong to their connection',
    steps: [
      ...alone(create('/a'), get('/a', true)),
      { do: 'connect', conn: 1 },
      ...on(1, ...checkAll('/a'), { op: 'removeWatches', path: '/a', type: 3 }, set('/a', 'x')),
      ...on(0, ping),
    ],
  },
  {
    name: 'setWatches with nothing changed sets them all',
    steps: alone(
      create('/a'),
      create('/b'),
      setWatches(0, ['/a'], ['/missing'], ['/b']),
      ...checkAll('/a'),
      ...checkAll('/b'),
      ...checkAll('/missing'),
      set('/a', 'x'),
      create('/b/c'),
      create('/missing'),
    ),
  },
  {
    name: 'setWatches tells at once what has changed since, before its reply',
    steps: alone(
      create('/gone'),
      create('/changed'),
      create('/same'),
      create('/parent'),
      set('/same', '1'),
      ping,
      set('/changed', '1'),
      remove('/gone'),
      create('/appeared'),
      create('/parent/c'),
      setWatches(
        4,
        ['/gone', '/changed', '/same'],
        ['/appeared', '/changed', '/never'],
        ['/parent', '/gone', '/same'],
      ),
      ...checkAll('/same'),
      ...checkAll('/changed'),
      ...checkAll('/never'),
    ),
  },
  {
    name: 'setWatches2 re-adds persistent watches without telling anything',
    steps: alone(
      create('/a'),
      set('/a', '1'),
      setWatches2(5, [], [], [], ['/a', '/gone'], ['/a', '/gone']),
      ...checkAll('/a'),
      set('/a', '2'),
      create('/a/b'),
      create('/gone'),
      create('/gone/x'),
    ),
  },
  {
    name: 'setWatches of an invisible change: created and deleted since',
    steps: alone(
      create('/p'),
      ping,
      create('/x'),
      remove('/x'),
      setWatches(2, [], ['/x'], ['/p']),
      create('/x'),
    ),
  },
  {
    name: 'setWatches with null vectors is a MARSHALLINGERROR',
    steps: alone(
      setWatches(0, null, [], []),
      setWatches(0, [], null, []),
      setWatches(0, [], [], null),
      setWatches2(0, [], [], [], null, []),
      setWatches2(0, [], [], [], [], null),
      ping,
    ),
  },
  {
    name: 'setWatches of null paths is a MARSHALLINGERROR',
    steps: alone(
      setWatches(0, [null], [], []),
      setWatches(0, [], [null], []),
      setWatches(0, [], [], [null]),
      ping,
    ),
  },
  {
    name: 'setWatches that cannot be read to its end sets and tells nothing',
    steps: alone(
      create('/a'),
      create('/b'),
      setWatches(0, ['/a', '/missing'], [null], ['/b']),
      ...checkAll('/a'),
      ...checkAll('/b'),
    ),
    differs: 'Apache has set and told what came before the fault',
    ours: /^(?!.*event)/s,
  },
  {
    name: 'setWatches needs no right, but its events do',
    steps: [
      ...alone(
        create('/w', '', 0, [[30, 'world', 'anyone']]),
        ping,
        set('/w', 'x'),
        setWatches(1, ['/w'], ['/w'], []),
        ...checkAll('/w'),
      ),
    ],
  },
  {
    name: 'setWatches takes an ordinary xid too',
    steps: [
      ...alone(create('/a')),
      { do: 'send', conn: 0, ops: [{ ...setWatches(0, ['/a'], [], []), xid: 12 }] },
      ...on(0, set('/a', 'x')),
    ],
  },
  {
    name: 'many watches in one setWatches',
    steps: alone(
      create('/a'),
      setWatches(
        0,
        Array.from({ length: 3000 }, (_, i) => `/m${i}`),
        Array.from({ length: 3000 }, (_, i) => `/x${i}`),
        [],
      ),
      create('/x7'),
      ping,
    ),
  },
  {
    name: 'watch flags in a multiRead leave no watch',
    steps: alone(
      create('/a'),
      multiRead(get('/a', true), children('/a', true)),
      ...checkAll('/a'),
      set('/a', 'x'),
      create('/a/b'),
    ),
  },
  {
    name: 'several watches of one connection on one node and one change: one event',
    steps: alone(create('/a'), get('/a', true), exists('/a', true), children('/a', true), remove('/a')),
  },
  {
    name: 'a standard watch is spent, a persistent one stays',
    steps: alone(
      create('/a'),
      get('/a', true),
      addWatch('/a', persistent),
      set('/a', '1'),
      set('/a', '2'),
      remove('/a'),
      create('/a'),
      closeSession,
    ),
  },
  {
    name: 'a recursive watch hears of all below, and never of children',
    steps: alone(
      create('/a'),
      addWatch('/a', recursive),
      create('/a/b'),
      create('/a/b/c'),
      set('/a/b/c', 'x'),
      remove('/a/b/c'),
      remove('/a/b'),
      remove('/a'),
      create('/ab'),
      create('/a'),
    ),
  },
  {
    name: 'two recursive watches, one above the other: one event each change',
    steps: alone(
      create('/a'),
      create('/a/b'),
      addWatch('/a', recursive),
      addWatch('/a/b', recursive),
      create('/a/b/c'),
      set('/a/b', 'x'),
      set('/a', 'x'),
      { op: 'removeWatches', path: '/a', type: 5 },
      set('/a/b/c', 'x'),
      set('/a', 'y'),
    ),
  },
  {
    name: 'a persistent watch that becomes recursive, and the other way',
    steps: alone(
      create('/a'),
      addWatch('/a', persistent),
      addWatch('/a', recursive),
      ...checkAll('/a'),
      create('/a/b'),
      addWatch('/a', persistent),
      create('/a/b/c'),
      ...checkAll('/a'),
    ),
  },
];
