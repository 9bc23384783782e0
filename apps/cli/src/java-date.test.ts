import { afterEach, describe, expect, it } from 'vitest';
import { javaDate } from './java-date.ts';

describe('a date as Java prints it', () => {
  const here = process.env['TZ'];

  afterEach(() => {
    if (here === undefined) delete process.env['TZ'];
    else process.env['TZ'] = here;
  });

  it.each([
    ['UTC', 1_795_200_000_000, 'Fri Nov 20 18:40:00 UTC 2026'],
    ['Europe/Berlin', 1_795_200_000_000, 'Fri Nov 20 19:40:00 CET 2026'],
    ['Europe/Berlin', 1_782_000_000_000, 'Sun Jun 21 02:00:00 CEST 2026'],
    ['America/New_York', 1_782_000_000_000, 'Sat Jun 20 20:00:00 EDT 2026'],
    ['Asia/Kolkata', 1_795_200_000_000, 'Sat Nov 21 00:10:00 IST 2026'],
    ['Asia/Tokyo', 1_795_200_000_000, 'Sat Nov 21 03:40:00 JST 2026'],
    ['Australia/Sydney', 1_795_200_000_000, 'Sat Nov 21 05:40:00 AEDT 2026'],
    ['Europe/London', 1_782_000_000_000, 'Sun Jun 21 01:00:00 BST 2026'],
    // Java says BRT; no name is found here.
    ['America/Sao_Paulo', 1_795_200_000_000, 'Fri Nov 20 15:40:00 GMT-03:00 2026'],
    ['UTC', 0, 'Thu Jan 01 00:00:00 UTC 1970'],
  ])('in %s: %i', (zone, ms, text) => {
    process.env['TZ'] = zone;

    expect(javaDate(ms)).toBe(text);
  });
});
