import { describe, expect, test } from 'vitest';
import { Player } from '../play/player.ts';
import { printed } from '../play/transcript.ts';
import { isThere } from '../servers/need.ts';
import { candidate, reference } from '../servers/program.ts';
import { ServerProcess } from '../servers/server-process.ts';
import { alone, get } from './case.ts';
import { killers } from './killers.ts';
import { playCase } from './play-case.ts';

const suite = 'what ends Apache';
const apache = reference();
const server = candidate();

describe.runIf(isThere(suite, server) && server.name === 'corral')(suite, () => {
  test.for(killers)('does not end the server: $name', { timeout: 120_000 }, async (row) => {
    if ('missing' in server) return;

    const ours = printed(await playCase(server, row, (dataDir) => opensInApache(dataDir)));

    expect(ours).not.toMatch(/silence|unanswered/);
    expect(ours.match(/getData .*data="x"/g)).toHaveLength(2);
    expect(ours).toMatch(/create .* path="\/more"/);
  });
});

/** Apache, where it is there, opens the directory that the server has left. */
async function opensInApache(dataDir: string): Promise<void> {
  if (!isThere(`${suite}: the directory afterwards`, apache)) return;
  await using opened = await ServerProcess.start(apache, { dataDir });
  const player = new Player(opened.port);
  const text = printed(await player.play(alone(get('/more'))));
  await player.end();
  expect(text).toMatch(/getData .*data="x"/);
}
