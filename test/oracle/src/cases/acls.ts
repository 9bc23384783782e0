import {
  alone,
  auth,
  type Case,
  children,
  create,
  get,
  getAcl,
  on,
  ping,
  remove,
  set,
  setAcl,
  whoAmI,
  exists,
} from './case.ts';
import type { Step } from '../play/step.ts';
import type { Acl } from '../wire/operation.ts';
import { digestId } from '../random/vocabulary.ts';

const bob: Acl = [[31, 'digest', digestId('bob:secret')]];

/** protocol-notes 6: ACLs, their repair, and who may do what. */
export const acls: readonly Case[] = [
  {
    name: 'exact duplicates are dropped, the rest keeps its order',
    steps: alone(
      create('/a', '', 0, [
        [1, 'world', 'anyone'],
        [31, 'world', 'anyone'],
        [1, 'world', 'anyone'],
      ]),
      getAcl('/a'),
    ),
  },
  {
    name: 'null, empty and unknown are INVALIDACL',
    steps: alone(
      ...[null, [], [[31, 'nonsense', 'x']], [[31, 'world', 'nobody']], [[31, 'world', '']]].map((acl) =>
        create('/a', '', 0, acl as Acl),
      ),
      ping,
    ),
  },
  {
    name: 'a null scheme is INVALIDACL',
    steps: alone(create('/a', '', 0, [[31, null, 'x']]), create('/a', '', 0, [[31, null, null]])),
  },
  {
    name: 'a null id of digest is a MARSHALLINGERROR',
    steps: [
      ...alone(),
      {
        do: 'send',
        conn: 0,
        ops: [create('/a', '', 0, [[31, 'digest', null]])],
        drift: 'its error takes a zxid in some servers',
      },
      ...on(0, ping),
    ],
  },
  {
    name: 'a null id of world is a MARSHALLINGERROR',
    steps: [
      ...alone(),
      {
        do: 'send',
        conn: 0,
        ops: [create('/a', '', 0, [[31, 'world', null]])],
        drift: 'its error takes a zxid in some servers',
      },
      ...on(0, ping),
    ],
  },
  {
    name: 'a null id of ip',
    steps: [
      ...alone(),
      {
        do: 'send',
        conn: 0,
        ops: [create('/a', '', 0, [[31, 'ip', null]])],
        drift: 'its error takes a zxid in some servers',
      },
      ...on(0, ping),
    ],
  },
  {
    name: 'a null id of auth',
    steps: [
      ...alone(auth('bob:secret')),
      {
        do: 'send',
        conn: 0,
        ops: [create('/a', '', 0, [[31, 'auth', null]])],
        drift: 'its error takes a zxid in some servers',
      },
      ...on(0, getAcl('/a')),
    ],
  },
  {
    name: 'auth without an identity is INVALIDACL: an address is none',
    steps: alone(create('/a', '', 0, [[31, 'auth', '']])),
  },
  {
    name: 'auth becomes every identity of the connection, whatever its id, and keeps its perms',
    steps: alone(
      auth('bob:secret'),
      auth('ann:pass'),
      create('/a', '', 0, [[7, 'auth', 'ignored']]),
      getAcl('/a'),
      whoAmI,
    ),
  },
  {
    name: 'eleven identities come in the order of a hash table of sixteen',
    steps: identities(11),
  },
  {
    name: 'twelve identities come in that order still',
    steps: identities(12),
    differs: "Apache's table grows with the twelfth",
    ours: /whoAmI .*"u1".*"u9".*"u0"/,
  },
  {
    name: 'a digest id is one pair around one colon',
    steps: alone(
      ...['a:b', ':', 'a:', ':b', 'a', '', 'a:b:c', 'a b:c'].map((id, i) =>
        create(`/${i}`, '', 0, [[31, 'digest', id]]),
      ),
    ),
  },
  {
    name: 'an ip id is an address, with bits if it likes',
    in38: 'IPv6 is no address',
    steps: alone(
      ...[
        '127.0.0.1',
        '127.0.0.1/8',
        '127.0.0.1/32',
        '127.0.0.1/33',
        '127.0.0.1/-1',
        '127.0.0.1/',
        '127.0.0.1/x',
        '127.0.0',
        '127.0.0.256',
        '::1',
        '::1/64',
        '',
        'localhost',
        '127.0.0.1/8/8',
        '0.0.0.0/0',
        '01.2.3.4',
        '1.2.3.4/08',
      ].map((id, i) => create(`/${i}`, '', 0, [[31, 'ip', id]])),
      children('/'),
    ),
  },
  {
    name: 'a number with a sign is no part of an address',
    steps: alone(create('/a', '', 0, [[31, 'ip', '+1.2.3.4']])),
    differs: "Java's parser of numbers takes the sign",
    ours: /err=-114/,
  },
  {
    name: 'who the ip scheme lets in',
    steps: alone(
      ...[
        '127.0.0.1',
        '127.0.0.1/8',
        '127.1.1.1/8',
        '127.1.1.1/16',
        '10.0.0.1',
        '0.0.0.0/0',
        '127.0.0.0/31',
        '127.0.0.2/31',
        '127.0.0.2/30',
      ].flatMap((id, i) => [create(`/${i}`, 'x', 0, [[31, 'ip', id]]), get(`/${i}`)]),
    ),
  },
  {
    name: 'schemes that are not configured are INVALIDACL',
    steps: alone(
      ...['x509', 'sasl', 'super', 'key', 'ensemble', '', 'Digest', 'WORLD'].map((scheme) =>
        create('/a', '', 0, [[31, scheme, 'a:b']]),
      ),
    ),
  },
  {
    name: 'perms of no right and of unknown bits are kept',
    steps: alone(
      ...[0, 32, -1, 255].flatMap((perms, i) => [
        create(`/${i}`, 'x', 0, [[perms, 'world', 'anyone']]),
        getAcl(`/${i}`),
        get(`/${i}`),
      ]),
    ),
  },
  ...[1, 2, 4, 8, 16].map((perms): Case => ({
    name: `what the right ${perms} allows`,
    ...((perms & 1) === 0 ? { in38: 'exists needs no right' } : {}),
    steps: alone(
      create('/a', 'x'),
      create('/a/b'),
      setAcl('/a', [[perms, 'world', 'anyone']]),
      get('/a'),
      exists('/a'),
      children('/a'),
      getAcl('/a'),
      set('/a', 'y'),
      create('/a/c'),
      remove('/a/b'),
      { op: 'getAllChildrenNumber', path: '/a' },
      { op: 'multi', ops: [{ op: 'check', path: '/a', version: -1 }] },
      {
        op: 'multiRead',
        ops: [
          { op: 'getData', path: '/a', watch: false },
          { op: 'getChildren', path: '/a', watch: false },
        ],
      },
      setAcl('/a', [[31, 'world', 'anyone']]),
    ),
  })),
  {
    name: 'getACL hides the digests from who may not change them',
    steps: alone(
      create('/a', '', 0, [
        [1, 'world', 'anyone'],
        [31, 'digest', digestId('bob:secret')],
        [31, 'ip', '10.0.0.1'],
      ]),
      getAcl('/a'),
      auth('bob:secret'),
      getAcl('/a'),
    ),
  },
  {
    name: 'a node is locked to who knows the password',
    in38: 'exists needs no right',
    steps: [
      ...alone(
        create('/a', 'x', 0, bob),
        get('/a'),
        exists('/a'),
        set('/a', 'y'),
        auth('bob:secret'),
        get('/a'),
        set('/a', 'y'),
        setAcl('/a', bob),
      ),
      { do: 'connect', conn: 1 },
      ...on(1, get('/a'), auth('bob:wrong'), get('/a'), remove('/a')),
    ],
  },
  {
    name: 'identities go with the connection, not with the session',
    steps: [
      ...alone(auth('bob:secret'), create('/a', 'x', 0, bob), get('/a')),
      { do: 'drop', conn: 0 },
      { do: 'connect', conn: 0, with: { attach: 0 } },
      ...on(0, get('/a'), whoAmI),
    ],
  },
  {
    name: 'skipACL lets everybody do everything',
    server: { properties: { 'zookeeper.skipACL': 'yes' } },
    steps: alone(
      create('/a', 'x', 0, bob),
      get('/a'),
      set('/a', 'y'),
      getAcl('/a'),
      setAcl('/a', [[0, 'world', 'anyone']]),
      remove('/a'),
    ),
  },
  {
    name: 'an ACL of many entries',
    steps: alone(
      create(
        '/a',
        'x',
        0,
        Array.from({ length: 500 }, (_, i) => [31, 'digest', `u${i}:x`] as const),
      ),
      getAcl('/a'),
      get('/a'),
    ),
  },
  {
    name: 'another digest algorithm',
    server: { properties: { 'zookeeper.DigestAuthenticationProvider.digestAlg': 'SHA-256' } },
    steps: alone(auth('bob:secret'), whoAmI, create('/a', '', 0, [[31, 'auth', '']]), getAcl('/a')),
  },
  {
    name: 'digest can be switched off',
    server: { properties: { 'zookeeper.DigestAuthenticationProvider.enabled': 'false' } },
    steps: [...alone(create('/a', '', 0, bob), auth('bob:secret')), { do: 'ended', conn: 0 }],
  },
];

/** Of one connection, the address among them. */
function identities(count: number): Step[] {
  return alone(
    ...Array.from({ length: count - 1 }, (_, i) => auth(`u${i}:x`)),
    whoAmI,
    create('/a', '', 0, [[31, 'auth', '']]),
    getAcl('/a'),
  );
}
