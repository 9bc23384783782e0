import { Ensemble } from '@corral-test/ensemble';
import {
  apache38,
  apache39,
  candidate,
  isThere,
  type Missing,
  type ServerProgram,
  ServerProcess,
} from '@corral-test/oracle';
import { checkHistory } from '@corral/testing';
import { describe, expect, test } from 'vitest';
import { recordHistory } from './recorder/record.ts';

const first = Number(process.env['HISTORY_SEED'] ?? Math.floor(Math.random() * 1e6));
const requests = Number(process.env['HISTORY_REQUESTS'] ?? 400);
/** How many histories of each, one behind the other on the same servers. */
const recordings = Number(process.env['HISTORY_RECORDINGS'] ?? 1);
const SEEDS = `${recordings} from seed ${first}`;
const TIMEOUT_MS = 60_000 + recordings * 60_000;
const TICK_MS = 500;
const SYNC_LIMIT = 4;

const programs: readonly (readonly [name: string, program: ServerProgram | Missing])[] = [
  ['Apache 3.8', apache38()],
  ['Apache 3.9', apache39()],
  ['Corral', candidate()],
];
const there = programs.flatMap(([name, program]) =>
  isThere(`a recorded history of ${name}`, program) ? [[name, program] as const] : [],
);

describe.each(there)('the checker accepts what clients see of %s', (_, program) => {
  const oneWatchMode = program.name === 'apache-3.8';
  const acls = program.name.startsWith('apache') ? { aclSlackMs: TICK_MS } : {};

  test('alone', { timeout: TIMEOUT_MS }, async () => {
    console.log(`${program.name} alone: ${SEEDS}`);
    await using server = await ServerProcess.start(program, { config: { tickTime: TICK_MS } });

    for (let seed = first; seed < first + recordings; seed++) {
      const history = await recordHistory({
        seed,
        root: `/h${seed}`,
        servers: [{ name: program.name, port: server.port }],
        clients: 6,
        requests,
        timeoutMs: 4 * TICK_MS,
        oneWatchMode,
      });

      expect(checkHistory(history, { expirySlackMs: TICK_MS, ...acls }), `seed ${seed}`).toEqual([]);
    }
  });

  test('as an ensemble of three whose leader is killed', { timeout: TIMEOUT_MS }, async () => {
    console.log(`three of ${program.name}: ${SEEDS}`);
    await using ensemble = await Ensemble.start({
      members: [program, program, program],
      config: { tickTime: TICK_MS, syncLimit: SYNC_LIMIT },
    });

    for (let seed = first; seed < first + recordings; seed++) {
      const history = await recordHistory({
        seed,
        root: `/h${seed}`,
        servers: ensemble.members.map(({ sid, port }) => ({ name: `member ${sid}`, port })),
        clients: 6,
        requests,
        timeoutMs: 8 * TICK_MS,
        oneWatchMode,
        async halfway() {
          const leader = await ensemble.leader();
          await leader.kill();
          await leader.start();
        },
      });

      const expirySlackMs = (SYNC_LIMIT + 1) * TICK_MS;
      expect(checkHistory(history, { expirySlackMs, ...acls }), `seed ${seed}`).toEqual([]);
    }
  });
});
