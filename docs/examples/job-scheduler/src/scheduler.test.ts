import type { Client } from '@corral/client';
import { startTestServer, type TestServer } from '@corral/testing/node';
import { expect, it } from 'vitest';
import { RUNS, type Run } from './job.ts';
import { addJob, Scheduler, type Work } from './scheduler.ts';

it('a job is done again and again, each time once, whoever does it', async () => {
  await using server = await startTestServer({ clock: 'virtual' });
  const crew = await crewOf(server, 3);

  await server.run(addJob(crew[0]!.zk, 'sweep', 1000));
  await server.pass(10_500);

  expect(dueAtsOf(crew)).toHaveLength(10);
  expect(distancesOf(crew)).toEqual(Array.from({ length: 9 }, () => 1000));
  expect(crew.filter(({ scheduler }) => scheduler.isLeader)).toHaveLength(1);
  await closed(server, crew);
});

it('when the leader is cut off another leads, and no run is planned twice', async () => {
  await using server = await startTestServer({ clock: 'virtual' });
  const crew = await crewOf(server, 3);
  await server.run(addJob(crew[0]!.zk, 'sweep', 1000));
  await server.pass(5000);
  const old = crew.find(({ scheduler }) => scheduler.isLeader)!;

  server.partition(old.zk);
  await server.pass(30_000);
  const others = crew.filter((process) => process !== old);
  expect(old.scheduler.isLeader).toBe(false);
  expect(others.filter(({ scheduler }) => scheduler.isLeader)).toHaveLength(1);
  const countWithoutOld = dueAtsOf(others).length;
  server.heal();
  await server.pass(10_000);

  // Until the session of the old leader had expired nobody planned: those times are left out, not made up for.
  expect(countWithoutOld).toBeGreaterThan(15);
  expect(new Set(dueAtsOf(crew)).size).toBe(dueAtsOf(crew).length);
  expect(distancesOf(crew).every((ms) => ms >= 1000)).toBe(true);
  expect(crew.filter(({ scheduler }) => scheduler.isLeader)).toHaveLength(1);
  await closed(server, crew);
});

it('a run whose process is lost in the middle is done by another', async () => {
  await using server = await startTestServer({ clock: 'virtual' });
  const aborted: Run[] = [];
  const [zk, done] = [await server.client({ sessionTimeout: 4000 }), [] as Run[]];
  const never: Work = async (run, signal) => {
    const { promise, reject } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => reject(signal.reason));
    await promise.finally(() => aborted.push(run));
  };
  const hanging = new Scheduler(zk, 'hanging', never);
  await server.run(addJob(zk, 'sweep', 60_000));
  await server.pass(61_000);
  const other = await server.client({ sessionTimeout: 4000 });
  const healthy = new Scheduler(other, 'healthy', async (run) => void done.push(run));
  await server.pass(1000);
  expect(done).toEqual([]);

  server.partition(zk);
  await server.pass(10_000);

  expect(aborted).toHaveLength(1);
  expect(done).toEqual(aborted);
  server.heal();
  await server.run(Promise.all([hanging.close(), healthy.close()]));
});

it('a run whose work fails is done again', async () => {
  await using server = await startTestServer({ clock: 'virtual' });
  const zk = await server.client();
  const errors: string[] = [];
  let tries = 0;
  const scheduler = new Scheduler(
    zk,
    'clumsy',
    async () => {
      if (++tries < 3) throw new Error(`try ${tries}`);
    },
    (error) => void errors.push((error as Error).message),
  );

  await server.run(addJob(zk, 'sweep', 60_000));
  await server.pass(65_000);

  expect(errors).toEqual(['try 1', 'try 2']);
  expect((await server.run(zk.children(RUNS))).names).toEqual([]);
  await server.run(scheduler.close());
});

interface Process {
  readonly zk: Client;
  readonly scheduler: Scheduler;
  readonly done: readonly Run[];
}

async function crewOf(server: TestServer, size: number): Promise<Process[]> {
  const crew: Process[] = [];
  for (let i = 0; i < size; i++) {
    const zk = await server.client({ onExpired: 'newSession', sessionTimeout: 6000 });
    const done: Run[] = [];
    const scheduler = new Scheduler(zk, `process-${i}`, async (run) => void done.push(run));
    crew.push({ zk, scheduler, done });
  }
  return crew;
}

async function closed(server: TestServer, crew: readonly Process[]): Promise<void> {
  await server.run(Promise.all(crew.map(({ scheduler }) => scheduler.close())));
}

/** Of all that was done, by all. */
function dueAtsOf(crew: readonly Process[]): number[] {
  return crew.flatMap(({ done }) => done.map(({ dueAt }) => dueAt)).toSorted((a, b) => a - b);
}

function distancesOf(crew: readonly Process[]): number[] {
  const dueAts = dueAtsOf(crew);
  return dueAts.slice(1).map((dueAt, i) => dueAt - dueAts[i]!);
}
