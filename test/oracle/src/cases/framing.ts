import {
  alone,
  burst,
  type Case,
  children,
  closeSession,
  create,
  exists,
  get,
  on,
  ping,
  raw,
  set,
  whoAmI,
} from './case.ts';

const nul16 = '00'.repeat(16);
/** A ConnectRequest for a new session, without its frame: version, zxid, timeout 30000, session 0, no password. */
const connectBody = `00000000${'00'.repeat(8)}00007530${'00'.repeat(8)}00000010${nul16}`;

/** protocol-notes 1: frames, lengths, nulls. */
export const framing: readonly Case[] = [
  {
    name: 'a frame of a negative length ends the connection',
    steps: [...alone(), { do: 'bytes', conn: 0, hex: 'ffffffff' }, { do: 'ended', conn: 0 }],
  },
  {
    name: 'a frame longer than jute.maxbuffer ends the connection when its length is read',
    steps: [...alone(), { do: 'bytes', conn: 0, hex: '00100000' }, { do: 'ended', conn: 0 }],
  },
  {
    name: 'a frame of jute.maxbuffer itself is taken',
    steps: alone(
      create('/big', 'x'.repeat(0xfffff - 8 - 4 - 4 - 4 - 4 - 4 - 4 - 5 - 4 - 6 - 4)),
      exists('/big'),
    ),
  },
  {
    name: 'a frame without a whole header ends the connection',
    steps: [...alone(), { do: 'bytes', conn: 0, hex: '0000000400000001' }, { do: 'ended', conn: 0 }],
  },
  {
    name: 'an empty frame ends the connection',
    steps: [...alone(), { do: 'bytes', conn: 0, hex: '00000000' }, { do: 'ended', conn: 0 }],
  },
  {
    name: 'the bytes of a telnet interrupt end the connection',
    steps: [
      { do: 'open', conn: 0 },
      { do: 'bytes', conn: 0, hex: 'fff4fffd' },
      { do: 'ended', conn: 0 },
    ],
  },
  {
    name: 'an unknown word of four letters ends the connection without a word',
    steps: [{ do: 'word', word: 'abcd' }],
  },
  {
    name: 'ruok is answered without a newline',
    steps: [{ do: 'word', word: 'ruok' }],
  },
  {
    name: 'isro is answered without a newline',
    steps: [{ do: 'word', word: 'isro' }],
  },
  {
    name: 'data of null is kept apart from empty data',
    steps: alone(
      create('/null', null),
      get('/null'),
      create('/empty', ''),
      get('/empty'),
      set('/empty', null),
      get('/empty'),
    ),
  },
  {
    name: 'any byte but zero is true',
    steps: [
      ...alone(create('/a'), raw(3, '000000022f6102'), set('/a', 'x')),
      ...on(0, raw(3, '000000022f61ff'), set('/a', 'y')),
    ],
  },
  {
    name: 'bytes behind the last field of a request are ignored',
    steps: alone(
      create('/a', 'x'),
      raw(3, '000000022f6100ffffffff'),
      raw(4, '000000022f610000'),
      raw(107, '00'),
    ),
  },
  {
    name: 'a request whose body ends early is a MARSHALLINGERROR and leaves the connection open',
    steps: [
      ...alone(...[3, 4, 6, 8, 12, 103, 104, 106, 17, 18].map((type) => raw(type, '000000042f61'))),
      ...on(0, ping),
    ],
  },
  ...[1, 2, 5, 7, 15, 19, 21, 14].map((type): Case => ({
    name: `a write of type ${type} whose body ends early is a MARSHALLINGERROR and leaves the connection open`,
    steps: [
      ...alone(create('/a')),
      {
        do: 'send',
        conn: 0,
        ops: [raw(type, '000000042f61')],
        drift: 'its error takes a zxid in some servers',
      },
      ...on(0, ping),
    ],
  })),
  {
    name: 'a string of a negative length other than -1 is null or an error, as Apache has it',
    steps: alone(create('/a'), raw(3, 'fffffffe00'), raw(4, 'fffffffe00'), raw(9, 'fffffffe'), ping),
  },
  {
    name: 'a string that claims more than the frame holds is a MARSHALLINGERROR',
    steps: alone(raw(3, '7fffffff2f6100'), raw(3, '000fffff2f6100'), raw(3, '00000010', '2f6100'), ping),
  },
  {
    name: 'a vector of a huge or negative count is a MARSHALLINGERROR',
    steps: [
      ...alone(),
      ...['7fffffff', 'fffffffe', '000fffff'].map(
        (count) =>
          ({
            do: 'send',
            conn: 0,
            ops: [raw(101, `0000000000000000${count}`)],
          }) as const,
      ),
      ...on(0, ping),
    ],
  },
  {
    name: 'an ACL vector of a huge or negative count is a MARSHALLINGERROR',
    steps: [
      ...alone(),
      ...['7fffffff', 'fffffffe', '000fffff'].map(
        (count) =>
          ({
            do: 'send',
            conn: 0,
            ops: [raw(1, `000000022f6100000000${count}`)],
            drift: 'its error takes a zxid in some servers',
          }) as const,
      ),
      ...on(0, ping),
    ],
  },
  {
    name: 'a path that is no UTF-8 is found nowhere',
    steps: alone(raw(3, '000000032fc32800'), raw(4, '000000032fffff00'), ping),
  },
  {
    name: 'a path that is no UTF-8 cannot be created',
    steps: [
      ...alone(),
      {
        do: 'send',
        conn: 0,
        ops: [raw(1, '000000032fffff00000000000000010000001f00000005776f726c6400000006616e796f6e6500000000')],
      },
      ...on(0, children('/')),
    ],
  },
  {
    name: 'sync of a path that is no UTF-8 is BADARGUMENTS',
    steps: alone(raw(9, '000000032fc328')),
    differs: 'Apache replaces what is not UTF-8',
    ours: /err=-8/,
  },
  {
    name: 'a frame that arrives in pieces is the same frame',
    steps: [
      ...alone(),
      ...['00', '00000e0000', '0063000000', '090000', '00022f', '61'].map(
        (hex) => ({ do: 'bytes', conn: 0, hex }) as const,
      ),
      ...on(0, ping),
    ],
  },
  {
    name: 'many requests in one write are answered in order',
    steps: [
      ...alone(),
      burst(
        0,
        create('/a'),
        get('/a'),
        set('/a', '1'),
        get('/a'),
        exists('/b'),
        whoAmI,
        set('/a', '2'),
        get('/a'),
      ),
    ],
  },
  {
    name: 'a ping is answered with xid -2 whatever its own',
    steps: [...alone(), { do: 'send', conn: 0, ops: [{ op: 'ping', xid: 77 }] }, ...on(0, ping)],
  },
  {
    name: 'requests may carry the xids of events, pings, auth and setWatches',
    steps: [
      ...alone(create('/a')),
      ...[-1, -2, -4, -8, 0, 0x7fffffff, -0x80000000].map(
        (xid) => ({ do: 'send', conn: 0, ops: [{ ...exists('/a'), xid }] }) as const,
      ),
    ],
  },
  {
    name: 'a new session is answered with the read-only byte when its request has one',
    steps: alone(),
  },
  {
    name: 'a new session is answered without the read-only byte when its request has none',
    steps: [{ do: 'connect', conn: 0, with: { readOnly: 'absent' } }, ...on(0, ping)],
  },
  {
    name: 'a client that would be content with a read-only server gets a full one',
    steps: [{ do: 'connect', conn: 0, with: { readOnly: true } }, ...on(0, create('/a'))],
  },
  {
    name: 'what follows the ConnectRequest at once is answered after the session is there',
    steps: [{ do: 'connect', conn: 0, with: { followedBy: [create('/a', 'x'), get('/a'), ping] } }],
  },
  {
    name: 'a ConnectRequest that ends early ends the connection',
    steps: [
      { do: 'open', conn: 0 },
      { do: 'bytes', conn: 0, hex: `00000014${connectBody.slice(0, 40)}` },
      { do: 'ended', conn: 0 },
    ],
  },
  {
    name: 'a first frame longer than jute.maxbuffer ends the connection',
    steps: [
      { do: 'open', conn: 0 },
      { do: 'bytes', conn: 0, hex: '7fffffff' },
      { do: 'ended', conn: 0 },
    ],
  },
  {
    name: 'an HTTP request ends the connection',
    steps: [
      { do: 'open', conn: 0 },
      { do: 'bytes', conn: 0, hex: Buffer.from('GET / HTTP/1.1\r\n\r\n').toHex() },
      { do: 'ended', conn: 0 },
    ],
  },
  {
    name: 'closeSession at the end of a burst is answered after what came before it',
    steps: [
      ...alone(),
      burst(0, create('/a'), get('/a'), closeSession),
      { do: 'connect', conn: 1 },
      ...on(1, exists('/a')),
    ],
  },
];
