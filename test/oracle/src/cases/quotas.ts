import { alone, type Case, container, create, create2, get, multi, on, remove, set, ttl } from './case.ts';
import type { Operation } from '../wire/operation.ts';

const enforced = { config: { enforceQuota: 'true' } };

function quota(path: string, limits: string, stats = 'count=0,bytes=0'): Operation[] {
  const levels = path
    .split('/')
    .slice(1)
    .map((_, i, all) => `/zookeeper/quota/${all.slice(0, i + 1).join('/')}`);
  return [
    ...levels.map((level) => create(level)),
    create(`/zookeeper/quota${path}/zookeeper_limits`, limits),
    create(`/zookeeper/quota${path}/zookeeper_stats`, stats),
  ];
}

const stats = (path: string): Operation => get(`/zookeeper/quota${path}/zookeeper_stats`);

/** protocol-notes 6: quotas that warn, quotas that forbid. */
export const quotas: readonly Case[] = [
  {
    name: 'the figures of a quota count its own node and all below, as they come and go',
    steps: alone(
      create('/q', 'abc'),
      create('/q/a', '12345'),
      ...quota('/q', 'count=100,bytes=1000'),
      stats('/q'),
      create('/q/b', 'xx'),
      stats('/q'),
      set('/q/b', 'xxxxxx'),
      stats('/q'),
      set('/q/b', null),
      stats('/q'),
      remove('/q/b'),
      stats('/q'),
      set('/q', ''),
      stats('/q'),
    ),
  },
  {
    name: 'the figures have no version and no time of their own',
    steps: alone(create('/q'), ...quota('/q', 'count=100,bytes=1000'), create('/q/a', 'x'), stats('/q')),
  },
  {
    name: 'the nearest quota counts, not the one above it',
    steps: alone(
      create('/q'),
      create('/q/r'),
      ...quota('/q', 'count=9,bytes=-1'),
      create('/zookeeper/quota/q/r'),
      create('/zookeeper/quota/q/r/zookeeper_limits', 'count=9,bytes=-1'),
      create('/zookeeper/quota/q/r/zookeeper_stats', 'count=0,bytes=0'),
      create('/q/r/x', 'abc'),
      create('/q/y', 'abcd'),
      stats('/q'),
      stats('/q/r'),
    ),
  },
  {
    name: 'a quota is over when its limits are deleted',
    steps: alone(
      create('/q'),
      ...quota('/q', 'count=9,bytes=9'),
      create('/q/a', 'x'),
      stats('/q'),
      remove('/zookeeper/quota/q/zookeeper_limits'),
      create('/q/b', 'y'),
      stats('/q'),
    ),
  },
  {
    name: 'figures that do not parse when they are created are counted anew',
    steps: alone(
      create('/q', 'abc'),
      ...quota('/q', 'count=9,bytes=9', 'garbage'),
      stats('/q'),
      create('/q/a', 'x'),
      stats('/q'),
    ),
  },
  {
    name: 'soft limits forbid nothing',
    server: enforced,
    steps: alone(
      create('/q'),
      ...quota('/q', 'count=2,bytes=2'),
      create('/q/a', 'xxx'),
      create('/q/b', 'xxx'),
      set('/q/a', 'xxxxxxx'),
      stats('/q'),
    ),
  },
  {
    name: 'hard limits forbid nothing where they are not enforced',
    steps: alone(
      create('/q'),
      ...quota('/q', 'count=-1,bytes=-1=;byteHardLimit=2;countHardLimit=2'),
      create('/q/a', 'xxx'),
      create('/q/b', 'xxx'),
      stats('/q'),
    ),
  },
  {
    name: 'a hard limit of the count',
    server: enforced,
    steps: alone(
      create('/q'),
      ...quota('/q', 'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=3'),
      create('/q/a'),
      create('/q/b'),
      create('/q/c'),
      create2('/q/c'),
      container('/q/c'),
      ttl('/q/c', 1000),
      create('/q/s', '', 2),
      multi(create('/q/c')),
      stats('/q'),
      remove('/q/a'),
      create('/q/c'),
      set('/q/c', 'x'.repeat(100)),
      stats('/q'),
    ),
  },
  {
    name: 'a hard limit of the bytes',
    server: enforced,
    steps: alone(
      create('/q', 'ab'),
      ...quota('/q', 'count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=-1'),
      create('/q/a', 'xxxx'),
      create('/q/b', 'xxxxx'),
      create('/q/b', 'xxxx'),
      create('/q/c', ''),
      create('/q/d', null),
      set('/q/b', 'yyyyy'),
      set('/q/b', 'yyyy'),
      set('/q/b', 'y'),
      set('/q/a', 'xxxxxxx'),
      stats('/q'),
      multi(set('/q/b', ''), set('/q/a', 'xxxxxxxx')),
    ),
  },
  {
    name: 'a hard limit is judged after the syntax, the parent and the version',
    server: enforced,
    steps: alone(
      create('/q'),
      ...quota('/q', 'count=-1,bytes=-1=;byteHardLimit=1;countHardLimit=1'),
      create('/q/x/y'),
      create('/q/'),
      create('/q/a', '', 0, []),
      set('/q', 'long', 7),
      set('/q/none', 'long'),
      create('/q'),
      create('/q/a'),
    ),
  },
  {
    name: 'a missing figure and a missing limit',
    server: enforced,
    steps: alone(
      create('/q'),
      create('/zookeeper/quota/q'),
      create('/zookeeper/quota/q/zookeeper_limits', 'count=1,bytes=1=;byteHardLimit=1;countHardLimit=1'),
      create('/q/a', 'xx'),
      create('/zookeeper/quota/r'),
      create('/zookeeper/quota/r/zookeeper_stats', 'count=1,bytes=1'),
      create('/r'),
      create('/r/a'),
    ),
  },
  {
    name: 'the Stat of figures that are counted anew as they are created',
    steps: alone(
      create('/q', 'abc'),
      create('/zookeeper/quota/q'),
      create2('/zookeeper/quota/q/zookeeper_stats', 'x'),
    ),
    differs: 'Apache shows the length of what was sent, not of what is there',
    ours: /dataLength=15/,
  },
  {
    name: 'figures on the top of all quotas are an ordinary node',
    steps: alone(
      create('/zookeeper/quota/zookeeper_stats', 'count=0,bytes=0'),
      create('/a', 'x'),
      get('/zookeeper/quota/zookeeper_stats'),
    ),
  },
  ...['', 'count=1', 'foo=1,bytes=1', 'count=1,bytes=1,x=1', 'bytes=7', 'count=-5,bytes=-7', 'count=7'].map(
    (figures): Case => ({
      name: `figures of "${figures}" set by a client are counted on from`,
      steps: alone(
        create('/q'),
        ...quota('/q', 'count=9,bytes=9'),
        set('/zookeeper/quota/q/zookeeper_stats', figures),
        create('/q/a', 'xx'),
        stats('/q'),
        remove('/q/a'),
        stats('/q'),
      ),
    }),
  ),
  ...['', 'garbage', null, 'count=x', 'count=1', '=', 'count=1,bytes=1=;byteHardLimit=x'].flatMap(
    (limits) => [
      {
        name: `limits of "${limits}"`,
        steps: alone(
          create('/q'),
          create('/zookeeper/quota/q'),
          create('/zookeeper/quota/q/zookeeper_limits', limits),
          create('/zookeeper/quota/q/zookeeper_stats', ''),
          create('/q/a', 'x'),
          stats('/q'),
        ),
      },
      {
        name: `limits of "${limits}", enforced`,
        server: enforced,
        ...(['', 'count=1'].includes(limits ?? 'null')
          ? {}
          : { differs: 'Apache fails every write below', ours: /create .*path="\/q\/a"/ }),
        steps: alone(
          create('/q'),
          create('/zookeeper/quota/q'),
          create('/zookeeper/quota/q/zookeeper_limits', limits),
          create('/zookeeper/quota/q/zookeeper_stats', ''),
          create('/q/a', 'x'),
          stats('/q'),
          set('/q/a', 'yy'),
        ),
      },
    ],
  ),
  {
    name: 'quotas outlive a restart, and count on',
    steps: [
      ...alone(create('/q', 'abc'), ...quota('/q', 'count=100,bytes=1000'), create('/q/a', 'xx')),
      { do: 'restart', how: 'stop' },
      ...alone(stats('/q'), create('/q/b', 'yyy'), stats('/q')),
      { do: 'restart', how: 'kill' },
      ...alone(stats('/q'), remove('/q/b'), stats('/q')),
    ],
  },
  {
    name: 'figures set by a client count on from there',
    steps: [
      ...alone(create('/q'), ...quota('/q', 'count=100,bytes=1000')),
      ...on(
        0,
        set('/zookeeper/quota/q/zookeeper_stats', 'count=50,bytes=60'),
        create('/q/a', 'xx'),
        stats('/q'),
      ),
    ],
  },
];
