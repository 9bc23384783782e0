import {
  addWatch,
  alone,
  auth,
  burst,
  type Case,
  children,
  closeSession,
  create,
  create2,
  exists,
  get,
  on,
  ping,
  raw,
  remove,
  set,
  whoAmI,
} from './case.ts';

/** Short ticks, so that sessions expire within the patience of a test. */
const shortTicks = { config: { tickTime: 200, maxSessionTimeout: 60_000 } };

/** protocol-notes 2 and 8: sessions begin, move, expire and end. */
export const sessions: readonly Case[] = [
  {
    name: 'the timeout asked for is kept within two and twenty ticks',
    steps: [1, 0, -1, -0x80000000, 0x7fffffff, 19_999, 20_000, 60_000, 200_000, 200_001].map(
      (timeOut, conn) => ({
        do: 'connect',
        conn,
        with: { timeOut },
      }),
    ),
  },
  {
    name: 'the timeout asked for is kept within the limits configured',
    server: { config: { minSessionTimeout: 5000, maxSessionTimeout: 7000 } },
    steps: [1, 5000, 6000, 8000].map((timeOut, conn) => ({ do: 'connect', conn, with: { timeOut } })),
  },
  {
    name: 'any protocol version is taken and answered with 0',
    steps: [0, 1, -1, 0x7fffffff].map((protocolVersion, conn) => ({
      do: 'connect',
      conn,
      with: { protocolVersion },
    })),
  },
  {
    name: 'a session that is new may send any password',
    steps: (['short', 'long', 'null', 'wrong'] as const).map((passwd, conn) => ({
      do: 'connect',
      conn,
      with: { passwd },
    })),
  },
  {
    name: 'a client that has seen a zxid ahead of the server is closed without an answer',
    steps: [
      ...alone(create('/a'), ping),
      { do: 'connect', conn: 1, with: { ahead: 5 } },
      { do: 'ended', conn: 1 },
    ],
  },
  {
    name: 'a client that has seen the last zxid is welcome',
    steps: [...alone(create('/a'), ping), { do: 'connect', conn: 1, with: { ahead: 0 } }],
  },
  {
    name: 'a zxid ahead does not end the connection that the session has',
    steps: [
      ...alone(create('/a'), ping),
      { do: 'connect', conn: 1, with: { attach: 0, ahead: 5 } },
      { do: 'ended', conn: 1 },
      ...on(0, ping),
    ],
  },
  {
    name: 'a session that its connection has left is attached again, with its ephemerals and without its watches',
    steps: [
      ...alone(create('/e', '', 1), exists('/e', true)),
      { do: 'drop', conn: 0 },
      { do: 'connect', conn: 0, with: { attach: 0 } },
      ...on(0, exists('/e'), set('/e', 'x'), { op: 'getEphemerals', path: '/' }),
    ],
  },
  {
    name: 'a session keeps its id and password and may take another timeout when it is attached again',
    steps: [
      ...alone(),
      { do: 'drop', conn: 0 },
      { do: 'connect', conn: 0, with: { attach: 0, timeOut: 50_000 } },
      { do: 'drop', conn: 0 },
      { do: 'connect', conn: 0, with: { attach: 0, timeOut: 1 } },
    ],
  },
  {
    name: 'a session that is attached elsewhere loses its old connection',
    steps: [
      ...alone(create('/e', '', 1)),
      { do: 'connect', conn: 1, with: { attach: 0 } },
      { do: 'ended', conn: 0 },
      ...on(1, exists('/e'), closeSession),
      { do: 'connect', conn: 2 },
      ...on(2, exists('/e')),
    ],
  },
  {
    name: 'a session with a wrong password is refused like one that has expired',
    steps: [
      ...alone(),
      { do: 'drop', conn: 0 },
      { do: 'connect', conn: 1, with: { attach: 0, passwd: 'wrong' } },
    ],
  },
  {
    name: 'a wrong password does not end the connection of the owner',
    steps: [
      ...alone(create('/e', '', 1)),
      { do: 'connect', conn: 1, with: { attach: 0, passwd: 'wrong' } },
      ...on(0, exists('/e')),
    ],
    differs: 'Apache closes the owner before it looks at the password',
    ours: /exists .*err=0 stat/,
  },
  ...(['short', 'long', 'null'] as const).map((passwd): Case => ({
    name: `a ${passwd} password is refused like a wrong one`,
    steps: [...alone(), { do: 'drop', conn: 0 }, { do: 'connect', conn: 1, with: { attach: 0, passwd } }],
  })),
  {
    name: 'a session that has been closed is refused',
    steps: [...alone(closeSession), { do: 'connect', conn: 0, with: { attach: 0 } }],
  },
  {
    name: 'closing takes a zxid, deletes the ephemerals, fires the watches, and ends the connection',
    in38: 'a recursive watch takes the event of children from the other watches',
    steps: [
      ...alone(create('/p'), create('/p/e1', '', 1), create('/p/e2', '', 1)),
      { do: 'connect', conn: 1 },
      ...on(1, exists('/p/e1', true), get('/p/e2', true), children('/p', true), addWatch('/p', 1)),
      ...on(0, closeSession),
      ...on(1, children('/p'), exists('/p'), ping),
    ],
  },
  {
    name: 'closing a session without ephemerals takes a zxid too',
    steps: [...alone(closeSession), { do: 'connect', conn: 1 }, ...on(1, ping)],
  },
  {
    name: 'the watches of a connection go with it',
    steps: [
      ...alone(create('/a'), exists('/a', true)),
      { do: 'drop', conn: 0 },
      { do: 'connect', conn: 0, with: { attach: 0 } },
      ...on(0, set('/a', 'x'), ping),
    ],
  },
  {
    name: 'a session whose client falls silent expires, and its ephemerals go',
    server: shortTicks,
    steps: [
      { do: 'connect', conn: 0, with: { timeOut: 400 } },
      ...on(0, create('/e', '', 1), create('/f', '', 1)),
      { do: 'connect', conn: 1, with: { timeOut: 30_000 } },
      ...on(1, exists('/e', true)),
      { do: 'drop', conn: 0 },
      { do: 'events', conn: 1, count: 1 },
      ...on(1, exists('/e'), exists('/f')),
      { do: 'connect', conn: 0, with: { attach: 0 } },
    ],
  },
  {
    name: 'a connection whose session expires is closed',
    server: shortTicks,
    steps: [
      { do: 'connect', conn: 0, with: { timeOut: 400 } },
      { do: 'ended', conn: 0 },
    ],
  },
  {
    name: 'createSession from a client is answered with the session it has',
    steps: alone({ op: 'createSession' }, ping, create('/e', '', 1)),
  },
  {
    name: 'createSession without its body is a MARSHALLINGERROR',
    steps: [
      ...alone(),
      { do: 'send', conn: 0, ops: [raw(-10)], drift: 'its error takes a zxid in some servers' },
      ...on(0, ping),
    ],
  },
  ...[0, 10, 23, 99, 108, 1000, -1, -5, -12].map((type): Case => ({
    name: `an operation of type ${type} is UNIMPLEMENTED, and ends the connection`,
    steps: [
      ...alone(create('/e', '', 1), raw(type)),
      { do: 'ended', conn: 0 },
      { do: 'connect', conn: 1 },
      ...on(1, exists('/e')),
    ],
  })),
  {
    name: 'a bare check is UNIMPLEMENTED, and ends the connection',
    steps: [...alone(create('/a'), { op: 'check', path: '/a', version: 0 }), { do: 'ended', conn: 0 }],
    in38: 'no answer at all, and a log that cannot be replayed',
  },
  {
    name: 'reconfig on a server that stands alone is RECONFIGDISABLED unless it is enabled',
    steps: alone({ op: 'reconfig', joining: null, leaving: '1', members: null, version: -1 }, ping),
  },
  {
    name: 'reconfig on a server that stands alone is UNIMPLEMENTED where it is enabled',
    server: { config: { reconfigEnabled: 'true' } },
    steps: alone({ op: 'reconfig', joining: null, leaving: '1', members: null, version: -1 }, ping),
  },
  {
    name: 'sasl where nothing is configured is answered with a null token, and leaves the connection open',
    steps: alone({ op: 'sasl', token: 'abc' }, ping),
  },
  {
    name: 'sasl with a null token ends the connection',
    steps: [...alone({ op: 'sasl', token: null }), { do: 'ended', conn: 0 }],
  },
  {
    name: 'auth with an unknown scheme is AUTHFAILED, and ends the connection',
    steps: [...alone(auth('x', 'nonsense')), { do: 'ended', conn: 0 }],
  },
  {
    name: 'auth with a null scheme',
    steps: [...alone(auth('x', null)), { do: 'ended', conn: 0 }],
  },
  {
    name: 'auth with a null token is AUTHFAILED, and ends the connection',
    steps: [...alone(auth(null)), { do: 'ended', conn: 0 }],
  },
  {
    name: 'auth adds identities one by one, each once',
    steps: alone(auth('bob:secret'), auth('ann:pass'), auth('bob:secret'), auth('bob:other'), whoAmI),
  },
  {
    name: 'digest takes tokens that are not a name and a password',
    steps: alone(auth(''), auth(':'), auth('a'), auth('a:b:c'), auth('\u00e9:\u00e9'), whoAmI),
  },
  {
    name: 'auth of scheme ip adds the address of the connection only',
    steps: alone(auth('10.1.2.3', 'ip'), auth('', 'ip'), whoAmI),
  },
  {
    name: 'auth of scheme world, auth and super is AUTHFAILED',
    steps: ['world', 'auth', 'super', 'sasl', 'x509'].flatMap((scheme, conn) => [
      { do: 'connect', conn } as const,
      ...on(conn, auth('anyone', scheme)),
      { do: 'ended', conn } as const,
    ]),
  },
  {
    name: 'auth answers under the xid it was sent with',
    steps: [...alone(), { do: 'send', conn: 0, ops: [{ ...auth('bob:secret'), xid: 33 }] }, ...on(0, whoAmI)],
  },
  {
    name: 'the superuser is who knows the password of superDigest',
    server: {
      properties: {
        'zookeeper.DigestAuthenticationProvider.superDigest': 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=',
      },
    },
    steps: alone(
      create('/locked', 'x', 0, [[1, 'digest', 'a:b']]),
      get('/locked'),
      auth('super:test'),
      get('/locked'),
      set('/locked', 'y'),
      whoAmI,
    ),
  },
  {
    name: 'an address may hold maxClientCnxns connections, and the next is closed',
    server: { config: { maxClientCnxns: 2 } },
    steps: [
      { do: 'connect', conn: 0 },
      { do: 'connect', conn: 1 },
      { do: 'open', conn: 2 },
      { do: 'ended', conn: 2 },
      { do: 'drop', conn: 1 },
      ...on(0, ping),
    ],
  },
  {
    name: 'enforced authentication lets nothing pass before it, pings included',
    server: {
      properties: { 'zookeeper.enforce.auth.enabled': 'true', 'zookeeper.enforce.auth.schemes': 'digest' },
    },
    steps: [
      ...alone(ping),
      { do: 'ended', conn: 0 },
      { do: 'connect', conn: 1 },
      ...on(1, exists('/')),
      { do: 'ended', conn: 1 },
      { do: 'connect', conn: 2 },
      ...on(2, auth('bob:secret'), exists('/'), ping),
    ],
  },
  {
    name: 'requests of one session that pipeline writes and reads see their own writes',
    steps: [
      ...alone(),
      burst(
        0,
        create2('/a', '0'),
        get('/a'),
        set('/a', '1'),
        get('/a'),
        remove('/a'),
        exists('/a'),
        create('/a'),
        get('/a'),
      ),
    ],
  },
  {
    name: 'sessions, ephemerals and zxids outlive a restart',
    steps: [
      ...alone(create('/a', 'x'), create('/e', '', 1)),
      { do: 'restart', how: 'kill' },
      { do: 'connect', conn: 0, with: { attach: 0 } },
      ...on(0, get('/a'), exists('/e'), create('/b'), { op: 'getEphemerals', path: '/' }),
      { do: 'restart', how: 'stop' },
      { do: 'connect', conn: 0, with: { attach: 0 } },
      ...on(0, exists('/e'), closeSession),
      { do: 'connect', conn: 0 },
      ...on(0, exists('/e'), exists('/b')),
    ],
  },
];
