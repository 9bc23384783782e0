import { apache38, apache39, candidate, isThere, type Missing, ServerProcess } from '@corral-test/oracle';
import type { Client } from '@corral/client';
import { connect } from '@corral/client/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { javaParticipant, Participant, type ParticipantProgram, pythonParticipant } from './participant.ts';
import { ROUNDS, type Scenario, scenarios } from './scenarios.ts';

const limitMs = 120_000;
const java = javaParticipant();
const python = pythonParticipant();

afterAll(() => {
  for (const program of [java, python]) if (!('missing' in program)) program.dispose();
});

describe.each([
  ['the server under test', candidate()],
  ['Apache ZooKeeper 3.8', apache38()],
  ['Apache ZooKeeper 3.9', apache39()],
] as const)('TypeScript, Java (Curator) and Python (kazoo) share recipes on %s', (title, program) => {
  const suite = `shared recipes on ${title}`;
  const isPossible = isThere(suite, program) && isThere(suite, java) && isThere(suite, python);

  describe.runIf(isPossible)('one server, one program of each', () => {
    const opened: AsyncDisposable[] = [];
    let participants: Participant[] = [];
    let ours: Client[] = [];

    beforeAll(async () => {
      if ('missing' in program) return;
      const server = await ServerProcess.start(program, { config: { tickTime: 1000 } });
      opened.push(server);
      const address = `127.0.0.1:${server.port}`;
      ours = [await connect(address), await connect(address)];
      opened.push(...ours);
      for (const scenario of scenarios) await prepare(ours[0]!, scenario);
      participants = present([java, python]).map((other) => {
        const names = scenarios.filter(({ with: others }) => others.includes(other.name));
        return new Participant(other, [address, `${ROUNDS}`, ...names.map(({ name }) => name)]);
      });
      opened.push(...participants);
    }, limitMs);

    afterAll(async () => {
      for (const each of opened.toReversed()) await each[Symbol.asyncDispose]();
    });

    test.each(scenarios)('$name, with $with', { timeout: limitMs }, async (scenario) => {
      const [zk] = ours as [Client, ...Client[]];
      const folder = `/${scenario.name}`;
      await untilChildren(zk, `${folder}/arrived`, scenario.with.length, participants);

      await zk.create(`${folder}/go`);
      await Promise.all(ours.map((each, number) => scenario.takePart(each, number)));
      await untilChildren(zk, `${folder}/done`, scenario.with.length, participants);

      for (const other of scenario.with) {
        const { data } = await zk.get(`${folder}/done/${other}`);
        expect(new TextDecoder().decode(data), outputOf(participants)).toBe('ok');
      }
      await scenario.check?.(zk);
    });
  });
});

async function prepare(zk: Client, { name, nodes = {} }: Scenario): Promise<void> {
  for (const folder of ['arrived', 'done']) await zk.create(`/${name}/${folder}`, '', { parents: true });
  for (const [node, data] of Object.entries(nodes)) await zk.create(`/${name}/${node}`, data);
}

/** Resolves when so many are there. */
async function untilChildren(
  zk: Client,
  path: string,
  count: number,
  participants: readonly Participant[],
): Promise<void> {
  for (;;) {
    const { value, changed } = await zk.once.children(path);
    if (value.names.length >= count) return;
    await Promise.race([changed, endOf(participants)]);
  }
}

/** Rejects when one of them ends before its time. */
function endOf(participants: readonly Participant[]): Promise<never> {
  return Promise.race(participants.map(({ failed }) => failed));
}

function outputOf(participants: readonly Participant[]): string {
  return participants.map(({ name, output }) => `${name}:\n${output}`).join('\n');
}

function present(programs: readonly (ParticipantProgram | Missing)[]): ParticipantProgram[] {
  return programs.filter((program): program is ParticipantProgram => !('missing' in program));
}
