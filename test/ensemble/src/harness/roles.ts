import type { ServerProgram } from '@corral-test/oracle';
import { create, set } from '@corral-test/oracle';
import { Client } from './client.ts';
import { Ensemble, type EnsembleOptions } from './ensemble.ts';
import type { Member } from './member.ts';

/** Starts an ensemble that this member leads: it and one with a smaller id are the first two there. */
export async function ledBy(sid: number, options: EnsembleOptions): Promise<Ensemble> {
  const ensemble = await Ensemble.planned(options);
  try {
    const quorum = Math.floor(voters(ensemble).length / 2) + 1;
    const first = voters(ensemble)
      .filter((member) => member.sid <= sid)
      .slice(-quorum);
    for (const member of first) member.launch();
    await ensemble.serving();
    for (const member of ensemble.members) if (!member.isRunning) member.launch();
    await ensemble.serving();
    const leader = await ensemble.leader();
    if (leader.sid !== sid) throw new Error(`member ${leader.sid} leads, and not ${sid}`);
    return ensemble;
  } catch (error) {
    await ensemble[Symbol.asyncDispose]();
    throw error;
  }
}

function voters(ensemble: Ensemble): readonly Member[] {
  return ensemble.members.filter((member) => !member.place.isObserver);
}

export function kindOf(program: ServerProgram): 'Corral' | 'Apache' {
  return program.name.startsWith('apache') ? 'Apache' : 'Corral';
}

/** So many writes through one member, all acknowledged; large data makes nodes, small data changes one. */
export async function write(member: Member, count: number, data = 'data'): Promise<void> {
  const client = await Client.open(member);
  await client.ask(create('/n'));
  const answers = await Promise.all(
    Array.from({ length: count }, (_, i) => {
      if (data.length > LARGE) return client.ask(create(`/n/large${i}`, data));
      return client.ask(i < 10 ? create(`/n/${data.slice(0, 10)}${i}`) : set('/n', `${data}${i}`));
    }),
  );
  const failed = answers.find(({ err }) => err !== 0 && err !== NODEEXISTS);
  if (failed !== undefined) throw new Error(`a write was answered by ${failed.text}`);
  await client.close();
}

const LARGE = 10_000;
const NODEEXISTS = -110;
