import { Acl, ErrorCode, Identity, Perms } from '@corral/protocol';
import { describe, expect, test } from 'vitest';
import { fixupAcl, isAllowed, maskAcl } from './acl.ts';
import { authProviders, digestProvider, ipProvider, saslProvider, x509Provider } from './auth-providers.ts';

const providers = authProviders(ipProvider, digestProvider, saslProvider('reader'), x509Provider('CN=root'));
const anyone = new Acl(Perms.ALL, 'world', 'anyone');
const local = new Identity('ip', '127.0.0.1');
const bob = new Identity('digest', 'bob:hash');

describe('a list as it is stored', () => {
  test.each<[string, Acl[] | null, readonly Identity[], Acl[] | ErrorCode]>([
    ['null', null, [], ErrorCode.INVALIDACL],
    ['empty', [], [], ErrorCode.INVALIDACL],
    ['everybody', [anyone], [], [anyone]],
    ['no rights at all', [new Acl(0, 'world', 'anyone')], [], [new Acl(0, 'world', 'anyone')]],
    ['an unknown scheme', [new Acl(1, 'magic', 'x')], [], ErrorCode.INVALIDACL],
    ['an unknown scheme with a null id', [new Acl(1, 'magic', null)], [], ErrorCode.INVALIDACL],
    ['a null scheme', [new Acl(1, null, 'x')], [], ErrorCode.INVALIDACL],
    ['world with another id', [new Acl(1, 'world', 'everyone')], [], ErrorCode.INVALIDACL],
    ['world with a null id', [new Acl(1, 'world', null)], [], ErrorCode.MARSHALLINGERROR],
    ['digest with a null id', [new Acl(1, 'digest', null)], [], ErrorCode.MARSHALLINGERROR],
    ['digest without a colon', [new Acl(1, 'digest', 'bob')], [], ErrorCode.INVALIDACL],
    ['auth without anybody', [new Acl(1, 'auth', '')], [], ErrorCode.INVALIDACL],
    ['auth with an address alone', [new Acl(1, 'auth', '')], [local], ErrorCode.INVALIDACL],
    ['auth with somebody', [new Acl(5, 'auth', 'ignored')], [local, bob], [new Acl(5, 'digest', 'bob:hash')]],
    ['auth with a null id', [new Acl(5, 'auth', null)], [bob], [new Acl(5, 'digest', 'bob:hash')]],
    ['the same entry twice', [anyone, new Acl(Perms.ALL, 'world', 'anyone')], [], [anyone]],
    [
      'the same id with other rights',
      [anyone, new Acl(1, 'world', 'anyone')],
      [],
      [anyone, new Acl(1, 'world', 'anyone')],
    ],
    ['one entry wrong among others', [anyone, new Acl(1, 'ip', 'nowhere')], [], ErrorCode.INVALIDACL],
  ])('%s', (_name, acls, identities, expected) => {
    expect(fixupAcl(acls, identities, providers)).toEqual(expected);
  });

  test('a long list costs no more than its length, and one that grows too long is refused', () => {
    const long = Array.from({ length: 50_000 }, (_, i) => new Acl(i, 'auth', ''));
    const many = Array.from({ length: 20 }, (_, i) => new Identity('digest', `user${i}:x`));
    expect(fixupAcl(long, many, providers, 100_000)).toBe(ErrorCode.MARSHALLINGERROR);
    expect(fixupAcl(long, [bob], providers, 100_000)).toHaveLength(50_000);
  });
});

describe('who may do what', () => {
  const owned = [new Acl(Perms.ALL, 'digest', 'bob:hash'), new Acl(Perms.READ, 'ip', '10.0.0.0/8')];
  test.each<[string, readonly Acl[], number, readonly Identity[], boolean]>([
    ['an empty list lets everybody', [], Perms.ADMIN, [], true],
    ['everybody may what everybody may', [new Acl(Perms.READ, 'world', 'anyone')], Perms.READ, [], true],
    ['and nothing else', [new Acl(Perms.READ, 'world', 'anyone')], Perms.WRITE, [local], false],
    [
      'one of several rights suffices',
      [new Acl(Perms.ADMIN, 'world', 'anyone')],
      Perms.READ | Perms.ADMIN,
      [],
      true,
    ],
    ['the one named', owned, Perms.WRITE, [local, bob], true],
    ['not another of the scheme', owned, Perms.WRITE, [new Identity('digest', 'eve:hash')], false],
    ['not the same id under another scheme', owned, Perms.WRITE, [new Identity('sasl', 'bob:hash')], false],
    ['an address in the range', owned, Perms.READ, [new Identity('ip', '10.1.2.3')], true],
    ['not for what the range may not', owned, Perms.WRITE, [new Identity('ip', '10.1.2.3')], false],
    ['an address outside', owned, Perms.READ, [new Identity('ip', '11.1.2.3')], false],
    ['super may all', owned, Perms.ADMIN, [new Identity('super', '')], true],
    [
      'a scheme nobody knows grants nothing',
      [new Acl(31, 'magic', 'x')],
      Perms.READ,
      [new Identity('magic', 'x')],
      false,
    ],
    ['a denied list denies', [new Acl(0, 'world', 'anyone')], Perms.READ, [local, bob], false],
    [
      'ids that are null match nobody',
      [new Acl(31, 'digest', null)],
      Perms.READ,
      [new Identity('digest', null)],
      false,
    ],
    [
      'whoever came by SASL is the reader',
      [new Acl(1, 'sasl', 'reader')],
      1,
      [new Identity('sasl', 'someone')],
      true,
    ],
    [
      'the superuser of certificates',
      [new Acl(1, 'x509', 'CN=a')],
      1,
      [new Identity('x509', 'CN=root')],
      true,
    ],
  ])('%s', (_name, acls, perms, identities, expected) => {
    expect(isAllowed(acls, perms, identities, providers)).toBe(expected);
  });
});

test('digests are masked, all else is shown', () => {
  const acls = [anyone, new Acl(1, 'digest', 'bob:secret'), new Acl(1, 'ip', '1.2.3.4:5')];
  expect(maskAcl(acls)).toEqual([anyone, new Acl(1, 'digest', 'bob:x'), acls[2]]);
});
