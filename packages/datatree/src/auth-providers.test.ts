import { describe, expect, test } from 'vitest';
import { digestProvider, ipProvider, saslProvider, x509Provider } from './auth-providers.ts';

describe('an address', () => {
  test.each([
    ['127.0.0.1', true],
    ['127.0.0.1/8', true],
    ['127.0.0.1/0', true],
    ['127.0.0.1/32', true],
    ['127.0.0.1/33', false],
    ['127.0.0.1/-1', false],
    ['127.0.0.1/', false],
    ['127.0.0.1/x', false],
    ['127.0.0', false],
    ['127.0.0.1.5', false],
    ['256.0.0.1', false],
    ['', false],
    ['localhost', false],
    ['::1', true],
    ['::', true],
    ['2001:db8::/32', true],
    ['1:2:3:4:5:6:7:8', true],
    ['1:2:3:4:5:6:7', false],
    ['1:2:3:4:5:6:7:8:9', false],
    ['1::2::3', false],
    ['1:2:3:4::5:6:7:8', false],
    ['12345::', false],
    ['g::', false],
    ['::1/129', false],
  ])('%j in an ACL: %s', (id, isValid) => {
    expect(ipProvider.isValidId(id)).toBe(isValid);
  });

  test.each([
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['10.1.2.3', '10.1.0.0/16', true],
    ['10.2.2.3', '10.1.0.0/16', false],
    ['10.1.2.3', '10.1.2.0/31', false],
    ['10.1.2.1', '10.1.2.0/31', true],
    ['10.1.2.3', '0.0.0.0/0', true],
    ['::1', '0.0.0.0/0', false],
    ['::1', '::/0', true],
    ['2001:db8::7', '2001:db8::/32', true],
    ['2001:db9::7', '2001:db8::/32', false],
    ['0:0:0:0:0:0:0:1', '::1', true],
    ['nowhere', '0.0.0.0/0', false],
  ])('%s matches %s: %s', (address, range, isMatch) => {
    expect(ipProvider.matches(address, range)).toBe(isMatch);
  });
});

test.each([
  ['bob:hash', true],
  [':hash', true],
  ['bob:', false],
  ['bob', false],
  ['bob:a:b', false],
  ['', false],
  [':', false],
])('the digest id %j in an ACL: %s', (id, isValid) => {
  expect(digestProvider.isValidId(id)).toBe(isValid);
});

test.each([
  ['bob', true],
  ['bob/host@REALM', true],
  ['bob@REALM', true],
  ['bob@', true],
  ['a/b/c', true],
  ['a/b/c@R', false],
  ['a@b@c', false],
  ['', true],
])('the SASL name %j in an ACL: %s', (id, isValid) => {
  expect(saslProvider().isValidId(id)).toBe(isValid);
});

test.each([
  ['CN=bob', true],
  ['CN=bob, OU=dev; O=corral + L=here', true],
  ['cn=bob,1.2.840.113549.1.9.1=#1613', true],
  ['OID.2.5.4.3=bob', true],
  ['CN="a, b",O=c', true],
  ['CN=a\\, b,O=c', true],
  ['', true],
  ['bob', false],
  ['FOO=bob', false],
  ['CN=a,,O=b', false],
  ['CN="a', false],
  ['CN=a\\', false],
])('the certificate name %j in an ACL: %s', (id, isValid) => {
  expect(x509Provider().isValidId(id)).toBe(isValid);
});

test('addresses prove nothing, the others do', () => {
  expect(ipProvider.isAuthenticated).toBe(false);
  expect([digestProvider, saslProvider(), x509Provider()].every((provider) => provider.isAuthenticated)).toBe(
    true,
  );
});
