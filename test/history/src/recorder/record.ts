import { Dice } from '@corral-test/oracle';
import type { HistoryRecord } from '@corral/testing';
import { RandomWorkload } from '../workload.ts';
import { Recorder } from './recorder.ts';
import { RecordingClient, type Server } from './recording-client.ts';
import { digestIdentity } from './wire-form.ts';

export interface RecordOptions {
  readonly seed: number;
  readonly servers: readonly Server[];
  readonly clients: number;
  /** Of each client. */
  readonly requests: number;
  readonly timeoutMs: number;
  readonly oneWatchMode?: boolean;
  /** The node below which all of it happens, and that is not there yet; absent: `/h`. */
  readonly root?: string;
  /** Called once, when half of it is done: to kill a leader. */
  readonly halfway?: () => Promise<void>;
}

/** What clients at random see of these servers, and at the end what each server says of all there is. */
export async function recordHistory(options: RecordOptions): Promise<HistoryRecord[]> {
  const { servers, clients, seed, timeoutMs, root = '/h' } = options;
  const records: HistoryRecord[] = [];
  const recorder = new Recorder((record) => records.push(record));
  const identity = digestIdentity('ann');
  const workload = new RandomWorkload({
    seed,
    users: [identity],
    oneWatchMode: options.oneWatchMode ?? false,
    root,
  });
  const first = new RecordingClient(recorder, 0, timeoutMs, identity);
  await connected(first, servers, new Dice(seed));
  for (const request of workload.foundations()) first.ask(request);
  await first.until(0, SOON_MS);
  const all = [
    first,
    ...Array.from(
      { length: clients - 1 },
      (_, i) => new RecordingClient(recorder, i + 1, timeoutMs, i % 2 === 0 ? undefined : identity),
    ),
  ];
  let halfway = options.halfway;
  let done = 0;
  const half = (clients * options.requests) / 2;
  await Promise.all(
    all.map(async (client, i) => {
      const dice = new Dice(seed * 100 + i);
      for (let asked = 0; asked < options.requests; asked++) {
        if (!client.isConnected) {
          await client.lose();
          await connected(client, servers, dice);
        }
        if (++done > half && halfway !== undefined) {
          const act = halfway;
          halfway = undefined;
          await act();
        }
        await step(client, workload, dice, timeoutMs);
      }
      await client.until(0, SOON_MS);
      await client.lose();
    }),
  );
  for (const [i, server] of servers.entries())
    await readAll(new RecordingClient(recorder, clients + i, timeoutMs, identity), server, root);
  return records;
}

async function step(
  client: RecordingClient,
  workload: RandomWorkload,
  dice: Dice,
  timeoutMs: number,
): Promise<void> {
  if (dice.chance(0.006)) {
    await client.lose();
    // Some stay away until their session is over.
    if (dice.chance(0.1)) await later(timeoutMs * 2);
    return;
  }
  if (dice.chance(0.003)) return client.close();
  client.ask(workload.next());
  await client.until(dice.below(6), SOON_MS);
}

/** Everything that the workload touches, behind a sync. */
async function readAll(client: RecordingClient, server: Server, root: string): Promise<void> {
  await connected(client, [server], new Dice(1));
  client.ask({ op: 'sync', path: '/' });
  for (const group of ['a', 'p', 'r', 's']) {
    const path = `${root}/${group}`;
    client.ask({ op: 'getChildren', path, watch: false });
    client.ask({ op: 'getAllChildrenNumber', path });
    for (let i = 0; i < 6; i++) client.ask({ op: 'getData', path: `${path}/${i}`, watch: false });
  }
  await client.until(0, SOON_MS);
  await client.close();
}

async function connected(client: RecordingClient, servers: readonly Server[], dice: Dice): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    if (await client.connect(dice.pick(servers))) return;
    await later(20);
  }
  throw new Error('no server lets the client in');
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const SOON_MS = 15_000;
const TRIES_MAX = 1000;
