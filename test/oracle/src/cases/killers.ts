import { type Case, check, container, create, get, multi, on, open, raw, remove, set, ttl } from './case.ts';
import type { Operation } from '../wire/operation.ts';
import type { Step } from '../play/step.ts';

const dies = 'the server ends, and its directory loads no more';

function quotaOf(path: string): Operation[] {
  return [
    create(path),
    create(`/zookeeper/quota${path}`),
    create(`/zookeeper/quota${path}/zookeeper_limits`, 'count=9,bytes=9'),
    create(`/zookeeper/quota${path}/zookeeper_stats`, 'count=0,bytes=0'),
  ];
}

const afterACrash: readonly Step[] = [
  { do: 'restart', how: 'kill' },
  { do: 'connect', conn: 0 },
  ...on(0, get('/before'), get('/after'), create('/more', 'x')),
];

/** The requests, what comes after them, a crash, and life after it. */
function survived(...ops: readonly Operation[]): Step[] {
  return [
    { do: 'connect', conn: 0 },
    ...on(0, create('/before', 'x'), ...ops, create('/after', 'x')),
    ...afterACrash,
  ];
}

/** What ends Apache, or spoils its directory (protocol-notes, "Observed", and runs of this suite). */
export const killers: readonly Case[] = [
  ...[0, 1, 2, 3, 4].map((flags): Case => ({
    name: `createTTL of mode ${flags}, which has no TTL, and a negative one`,
    killsApache: dies,
    steps: survived(ttl('/t', -1, flags), ttl('/t', -1_000_000, flags), multi(ttl('/u', -1, flags))),
  })),
  {
    name: 'a bare check',
    killsApache: '3.8: no answer, and a log that cannot be replayed',
    steps: [
      { do: 'connect', conn: 0 },
      ...on(0, create('/before', 'x')),
      ...[check('/before', 0), check('/before', 7), check('/missing'), raw(13)].flatMap((op, i): Step[] => [
        { do: 'connect', conn: i + 1 },
        ...on(i + 1, op),
        { do: 'ended', conn: i + 1 },
      ]),
      ...on(0, create('/after', 'x')),
      ...afterACrash,
    ],
  },
  ...[
    'garbage',
    'count=x,bytes=y',
    null,
    'count=9999999999999999999999,bytes=1',
    '=',
    'count=',
    'count=1.5,bytes=1',
    '\u0000',
  ].map((figures): Case => ({
    name: `figures of a quota set to ${JSON.stringify(figures)}, and a write below`,
    killsApache: dies,
    steps: survived(
      ...quotaOf('/q'),
      set('/zookeeper/quota/q/zookeeper_stats', figures),
      create('/q/a', 'x'),
      set('/q/a', 'yy'),
      remove('/q/a'),
    ),
  })),
  {
    name: 'figures of a quota set to garbage in a multi',
    killsApache: dies,
    steps: survived(
      ...quotaOf('/q'),
      multi(set('/zookeeper/quota/q/zookeeper_stats', 'garbage'), create('/q/a')),
      create('/q/b'),
    ),
  },
  {
    name: 'limits directly below /zookeeper/quota',
    killsApache: dies,
    steps: survived(
      create('/zookeeper/quota/zookeeper_limits', 'count=1,bytes=1'),
      multi(create('/zookeeper/quota/zookeeper_limits', '')),
    ),
  },
  ...['/zookeeper', '/zookeeperfoo', '/zookeeper/quo', '/zookeeper-12345'].map((parent): Case => ({
    name: `limits below ${parent} that come and go`,
    killsApache: dies,
    steps: survived(
      create(parent),
      create(`${parent}/zookeeper_limits`),
      remove(`${parent}/zookeeper_limits`),
      create(`${parent}/zookeeper_limits`, '', 1),
      multi(create(`${parent}/zookeeper_limits`)),
    ),
  })),
  {
    name: 'containers by the wrong flags',
    killsApache: 'the digest never matches again',
    steps: survived(
      create('/c4', '', 4),
      ...[0, 1, 2, 3].map((flags) => container(`/c${flags}`, '', flags)),
      multi(create('/m', '', 4), container('/n', '', 0)),
    ),
  },
  {
    name: 'paths and ids that no client library sends',
    killsApache: 'old versions: a log that cannot be replayed (ZOOKEEPER-2213)',
    steps: survived(
      set(''),
      set('', 'x'),
      remove(''),
      { op: 'setACL', path: '', acl: open, version: -1 },
      create('/n', '', 0, [[31, 'digest', '']]),
      create('/n', '', 0, [[31, '', '']]),
      set('/'),
    ),
  },
];
