import { JuteError, JuteReader, JuteWriter } from '@corral/jute';
import { describe, expect, it } from 'vitest';
import { describeRecords, failureOf, hex } from '../test/records.ts';
import {
  Acl,
  CREATOR_ALL_ACL,
  Identity,
  OPEN_ACL_UNSAFE,
  READ_ACL_UNSAFE,
  readAcls,
  readIdentities,
  writeAcls,
  writeIdentities,
} from './acl.ts';
import { Perms, permString } from './perms.ts';

describeRecords([
  {
    name: 'Acl',
    record: new Acl(Perms.READ, 'ip', '127.0.0.1'),
    type: Acl,
    bytes: `
      00000001          perms: READ
      00000002          scheme: 2 bytes
      6970              "ip"
      00000009          id: 9 bytes
      3132372e302e302e31  "127.0.0.1"`,
  },
  {
    name: 'Acl with nulls, which a client may send',
    record: new Acl(Perms.ALL, null, null),
    type: Acl,
    bytes: `
      0000001f          perms: ALL
      ffffffff          scheme: null
      ffffffff          id: null`,
  },
  {
    name: 'Identity',
    record: new Identity('world', 'anyone'),
    type: Identity,
    bytes: `
      00000005          scheme: 5 bytes
      776f726c64        "world"
      00000006          id: 6 bytes
      616e796f6e65      "anyone"`,
  },
]);

describe('a list of ACL entries', () => {
  it('is a count and its entries', () => {
    const w = new JuteWriter();
    writeAcls(w, OPEN_ACL_UNSAFE);
    expect(w.copy()).toEqual(
      hex(`
        00000001          count
        0000001f          perms: ALL
        00000005          scheme: 5 bytes
        776f726c64        "world"
        00000006          id: 6 bytes
        616e796f6e65      "anyone"`),
    );
    expect(readAcls(new JuteReader(w.copy()))).toEqual(OPEN_ACL_UNSAFE);
  });

  it.each([
    ['null', null],
    ['empty', []],
  ])('may be %s', (_name, acls) => {
    const w = new JuteWriter();
    writeAcls(w, acls);
    expect(readAcls(new JuteReader(w.copy()))).toEqual(acls);
  });

  it('is refused before the first entry where it claims more entries than the bytes can hold', () => {
    const failure = failureOf(() => readAcls(new JuteReader(hex('7fffffff 2^31 - 1 entries'))));
    expect(failure).toBeInstanceOf(JuteError);
    expect(failure).toMatchObject({ code: 'TRUNCATED', offset: 0 });
  });

  it('is refused where the count is negative and not -1', () => {
    expect(failureOf(() => readAcls(new JuteReader(hex('fffffffe -2 entries'))))).toMatchObject({
      code: 'BAD_LENGTH',
    });
  });
});

it('a list of identities may be null, as in the packets of a leader', () => {
  const w = new JuteWriter();
  writeIdentities(w, null);
  writeIdentities(w, [new Identity('ip', '::1')]);
  const r = new JuteReader(w.copy());
  expect(readIdentities(r)).toBeNull();
  expect(readIdentities(r)).toEqual([new Identity('ip', '::1')]);
});

it('the well-known lists are those of ZooDefs.Ids', () => {
  expect(OPEN_ACL_UNSAFE).toEqual([new Acl(31, 'world', 'anyone')]);
  expect(READ_ACL_UNSAFE).toEqual([new Acl(1, 'world', 'anyone')]);
  expect(CREATOR_ALL_ACL).toEqual([new Acl(31, 'auth', '')]);
});

it.each([
  [0, ''],
  [Perms.READ, 'r'],
  [Perms.READ | Perms.ADMIN, 'ra'],
  [Perms.ALL, 'cdrwa'],
  [-1, 'cdrwa'],
])('permissions %i are shown as "%s"', (perms, letters) => {
  expect(permString(perms)).toBe(letters);
});
