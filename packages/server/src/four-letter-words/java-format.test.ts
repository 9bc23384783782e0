import { describe, expect, test } from 'vitest';
import { javaAverage, javaDate, javaDouble, javaHex, javaSocketAddress } from './java-format.ts';

describe('values are printed as Java prints them', () => {
  test.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [1.9, '1.9'],
    [0.001, '0.001'],
    [0.0005, '5.0E-4'],
    [0.00012, '1.2E-4'],
    [9_999_999, '9999999.0'],
    [10_000_000, '1.0E7'],
    [12_345_678.5, '1.23456785E7'],
    [-0.25, '-0.25'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
  ])('the double %s is %s', (value, text) => {
    expect(javaDouble(value)).toBe(text);
  });

  test('an average has four digits behind the point', () => {
    expect([5 / 6, 7 / 3, 2, 0].map(javaAverage)).toEqual(['0.8333', '2.3333', '2.0', '0.0']);
  });

  test('a long is hexadecimal in two’s complement', () => {
    expect([0n, 0x1000010fb340000n, -1n].map(javaHex)).toEqual(['0', '1000010fb340000', 'ffffffffffffffff']);
    expect(javaHex(-1)).toBe('ffffffffffffffff');
  });

  test.each([
    ['127.0.0.1', '/127.0.0.1:2181'],
    ['::ffff:10.0.0.7', '/10.0.0.7:2181'],
    ['::1', '/[0:0:0:0:0:0:0:1]:2181'],
    ['::', '/[0:0:0:0:0:0:0:0]:2181'],
    ['2001:0db8::ff00:42:8329', '/[2001:db8:0:0:0:ff00:42:8329]:2181'],
    ['1:2:3:4:5:6:7:8', '/[1:2:3:4:5:6:7:8]:2181'],
    ['fe80::1%eth0', '/[fe80:0:0:0:0:0:0:1%eth0]:2181'],
  ])('the address %s is %s', (host, text) => {
    expect(javaSocketAddress(host, 2181)).toBe(text);
  });

  test.each([
    [0, 'Thu Jan 01 00:00:00 UTC 1970'],
    [951_782_400_000, 'Tue Feb 29 00:00:00 UTC 2000'],
    [1_795_167_971_999, 'Fri Nov 20 09:46:11 UTC 2026'],
    [4_107_542_399_000, 'Sun Feb 28 23:59:59 UTC 2100'],
    [4_107_542_400_000, 'Mon Mar 01 00:00:00 UTC 2100'],
  ])('the time %d is %s', (wallMs, text) => {
    expect(javaDate(wallMs)).toBe(text);
  });

  test('every day of three centuries is what the platform’s calendar says', () => {
    for (let day = -40_000; day < 70_000; day += 13) {
      const [weekday = '', date, month, year, time] = new Date(day * 86_400_000 + 1000)
        .toUTCString()
        .split(' ');
      expect(javaDate(day * 86_400_000 + 1000)).toBe(
        `${weekday.slice(0, 3)} ${month} ${date} ${time} UTC ${year}`,
      );
    }
  });
});
