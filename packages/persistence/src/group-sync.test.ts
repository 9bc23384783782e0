import { describe, expect, test } from 'vitest';
import { GroupSync } from './group-sync.ts';

/** Work that is done when told. */
class Works {
  readonly begun: { done: () => void; fail: (cause: Error) => void }[] = [];

  readonly work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      this.begun.push({ done: resolve, fail: reject });
    });
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

describe('group commit', () => {
  test('begins at once when nothing runs', () => {
    const works = new Works();
    void new GroupSync(works.work).sync();
    expect(works.begun).toHaveLength(1);
  });

  test('lets all who ask while one runs share the next', async () => {
    const works = new Works();
    const group = new GroupSync(works.work);
    const first = group.sync();
    const later = [group.sync(), group.sync(), group.sync()];
    expect(works.begun).toHaveLength(1);

    works.begun[0]!.done();
    await first;
    await settle();
    expect(works.begun).toHaveLength(2);

    works.begun[1]!.done();
    await Promise.all(later);
    await settle();
    expect(works.begun).toHaveLength(2);
  });

  test('never covers a call by work that began before it', async () => {
    const works = new Works();
    const group = new GroupSync(works.work);
    void group.sync();
    let isCovered = false;
    const second = group.sync().then(() => (isCovered = true));
    works.begun[0]!.done();
    await settle();
    expect(isCovered).toBe(false);
    works.begun[1]!.done();
    await second;
    expect(isCovered).toBe(true);
  });

  test('fails for ever: those who wait, and those who come later', async () => {
    const works = new Works();
    const group = new GroupSync(works.work);
    const cause = new Error('the disk is gone');
    const outcomes = [group.sync(), group.sync()].map((sync) => sync.catch((error: unknown) => error));
    works.begun[0]!.fail(cause);
    expect(await Promise.all(outcomes)).toEqual([cause, cause]);
    await expect(group.sync()).rejects.toBe(cause);
    expect(works.begun).toHaveLength(1);
    expect(group.failure).toBe(cause);
  });

  test('takes a failure from elsewhere, and keeps the first', async () => {
    const group = new GroupSync(() => Promise.resolve());
    const cause = new Error('truncate failed');
    group.fail(cause);
    group.fail(new Error('another'));
    await expect(group.sync()).rejects.toBe(cause);
  });
});
