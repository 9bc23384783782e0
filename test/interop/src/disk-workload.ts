import {
  auth,
  burst,
  check,
  container,
  create,
  create2,
  multi,
  on,
  open,
  type Operation,
  raw,
  remove,
  type ServerProgram,
  set,
  setAcl,
  type Step,
  ttl,
} from '@corral-test/oracle';

/** Sessions that are still open, with ephemeral nodes, when the server ends: the connections 1 and 2. */
export const leftOpen: readonly number[] = [1, 2];

/**
 * Something of everything that can stand in a log or a snapshot. Each stage works below a node of its own, and a
 * later one goes on with what the first has left.
 *
 * @param apache that is to read the log: 3.8.0 takes a create2 in a multi for damage, and leaves out all behind it
 */
export function workload(stage: number, apache: ServerProgram): Step[] {
  const root = `/stage${stage}`;
  return [
    { do: 'connect', conn: 0 },
    ...[1, 2, 3].map((conn): Step => ({ do: 'connect', conn, with: { timeOut: 100_000 + conn } })),
    ...on(0, auth('bob:secret'), create(root, 'root')),
    ...on(0, ...nodes(root), ...lists(root), ...refusals(root), ...multis(root, apache), ...quotas(stage)),
    ...many(root),
    ...sessions(root),
    ...on(0, ...later(root)),
    ...(stage > 1 ? goneOnWith('/stage1') : []),
    { do: 'drop', conn: 2 },
  ];
}

function nodes(root: string): Operation[] {
  return [
    create(`${root}/null`, null),
    create(`${root}/empty`, ''),
    create(`${root}/large`, 'x'.repeat(100_000)),
    create2(`${root}/snö ☃ 雪`, 'weiß'),
    ...sequence(12, () => create(`${root}/seq-`, 's', persistentSequential)),
    create(`${root}/ephemeral`, 'e', ephemeral),
    ...sequence(3, () => create2(`${root}/both-`, '', ephemeralSequential)),
    container(`${root}/box`),
    create(`${root}/box/inside`),
    container(`${root}/box/box`),
    container(`${root}/emptied`),
    create(`${root}/emptied/a`),
    remove(`${root}/emptied/a`),
    ttl(`${root}/ttl`, 3_600_000),
    ttl(`${root}/ttl-seq-`, 1, persistentSequentialWithTtl),
    ...sequence(20, (i) => set(`${root}/null`, 'y'.repeat(i))),
    set(`${root}/empty`, null),
    remove(`${root}/seq-0000000004`),
    remove(`${root}/seq-0000000011`),
  ];
}

function lists(root: string): Operation[] {
  return [
    create(`${root}/mine`, 'm', 0, [[31, 'auth', '']]),
    create(`${root}/shared`, '', 0, [
      [31, 'digest', 'bob:PaGBXaLl5sjxZuJLoNWDmAzj5hU='],
      [3, 'ip', '127.0.0.1/8'],
      [1, 'world', 'anyone'],
    ]),
    create(`${root}/locked`, 'l', 0, [[16, 'digest', 'eve:AAAAAAAAAAAAAAAAAAAAAAAAAAA=']]),
    setAcl(`${root}/empty`, [[1, 'world', 'anyone']]),
    setAcl(`${root}/null`, [[27, 'world', 'anyone']]),
    setAcl(`${root}/null`, open),
  ];
}

/** Errors of writes are transactions, too. */
function refusals(root: string): Operation[] {
  return [
    create(root),
    create(`${root}/nowhere/x`),
    create(`${root}/ephemeral/x`),
    set(`${root}/null`, '', 99),
    set(`${root}/empty`, 'no right'),
    remove(root),
    remove(`${root}/nowhere`),
    setAcl(`${root}/null`, [[31, 'nonsense', '']]),
  ];
}

function multis(root: string, apache: ServerProgram): Operation[] {
  const sequential = apache.name === 'apache-3.8' ? create : create2;
  return [
    multi(
      create(`${root}/m`, 'm'),
      sequential(`${root}/m/seq-`, '', persistentSequential),
      sequential(`${root}/m/seq-`, '', persistentSequential),
      set(`${root}/m`, 'mm', 0),
      check(`${root}/m`, 1),
      container(`${root}/m/box`),
      ttl(`${root}/m/ttl`, 1_000_000),
      create(`${root}/m/e`, '', ephemeral),
      create(`${root}/m/short`),
      remove(`${root}/m/short`),
    ),
    multi(create(`${root}/never`), remove(`${root}/nowhere`), create(`${root}/never2`)),
    multi(check(`${root}/m`, 7), set(`${root}/m`, 'never')),
    multi(),
  ];
}

function quotas(stage: number): Operation[] {
  const quota = `/zookeeper/quota/stage${stage}`;
  return [
    create(quota),
    create(`${quota}/zookeeper_limits`, 'count=1000,bytes=100000000'),
    create(`${quota}/zookeeper_stats`, 'count=0,bytes=0'),
    create(`/stage${stage}/counted`, 'c'),
    set(`/stage${stage}/counted`, 'ccccc'),
  ];
}

/** As fast as they go, so that snapshots are taken meanwhile. */
function many(root: string): Step[] {
  const parent = `${root}/many`;
  const creates = sequence(200, (i) => create(`${parent}/n${i}`, `data of ${i}`));
  const sets = sequence(200, (i) => set(`${parent}/n${i}`, `other data of ${i}`));
  const removes = sequence(100, (i) => remove(`${parent}/n${i * 2}`));
  return [...on(0, create(parent)), burst(0, ...creates), burst(0, ...sets), burst(0, ...removes)];
}

function sessions(root: string): Step[] {
  return [1, 2, 3].flatMap((conn): Step[] => [
    ...on(conn, create(`${root}/of-${conn}`, '', ephemeral), create(`${root}/of-`, '', ephemeralSequential)),
    ...(leftOpen.includes(conn) ? [] : on(conn, { op: 'closeSession' })),
  ]);
}

function later(root: string): Operation[] {
  return sequence(60, (i) => set(`${root}/large`, `${i}`));
}

/** Counters, versions, access lists, quotas and sessions of the stage before must be what they were. */
function goneOnWith(root: string): Step[] {
  return [
    ...on(
      0,
      create(`${root}/seq-`, '', persistentSequential),
      set(`${root}/null`, 'z', 20),
      setAcl(`${root}/null`, [[31, 'auth', '']], 2),
      set(`${root}/mine`, 'by its owner'),
      create(`${root}/box/later`),
      remove(`${root}/m/ttl`, 0),
      set(`${root}/counted`, 'cc', 1),
      // A create that cannot be read: Apache 3.9 logs it, under the zxid of the transaction before.
      raw(1, '00'),
      remove(`${root}/many/n1`),
    ),
  ];
}

function sequence<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

const ephemeral = 1;
const persistentSequential = 2;
const ephemeralSequential = 3;
const persistentSequentialWithTtl = 6;
