import {
  CreateRequest,
  DeleteRequest,
  ExistsRequest,
  GetChildrenRequest,
  GetDataRequest,
  OPEN_ACL_UNSAFE,
  OpCode,
  SetDataRequest,
} from '@corral/protocol';
import { closedLoop, type Ask } from './closed-loop.ts';
import { Measurement } from './measurement.ts';
import { resultOf, type Result } from './result.ts';
import { openAndClose, watchRounds } from './rounds.ts';
import { readsBesideWrites } from './snapshot-pause.ts';
import type { Stage } from './stage.ts';
import type { WorkloadName } from './workload-names.ts';

/** Runs one workload on the stage, and leaves nothing behind. What counts comes first, parts of it may follow. */
export async function runWorkload(stage: Stage, name: WorkloadName): Promise<[Result, ...Result[]]> {
  if (name === 'connect') return [await measure(stage, name, openAndClose)];
  if (name === 'watch') return [await measure(stage, name, watchRounds)];
  if (name === 'create' || name === 'createdelete') return [await measureCreates(stage, name)];
  const keys = keyPaths(stage.root, stage.options.keys);
  await stage.makeNodes(keys);
  const results: [Result, ...Result[]] =
    name === 'snapshot-pause'
      ? await readsBesideWrites(stage, requests.read(stage, keys), requests.set(stage, keys))
      : [await measure(stage, name, (measurement) => closedLoop(measurement, requests[name](stage, keys)))];
  await stage.removeNodes(keys);
  return results;
}

const requests: Readonly<
  Record<'read' | 'exists' | 'set' | 'mixed' | 'children', (stage: Stage, keys: string[]) => Ask>
> = {
  read: (_, keys) => {
    const body = new GetDataRequest(null, false);
    return (session) => {
      body.path = anyOf(keys);
      session.request(OpCode.getData, body);
    };
  },
  exists: (_, keys) => {
    const body = new ExistsRequest(null, false);
    return (session) => {
      body.path = anyOf(keys);
      session.request(OpCode.exists, body);
    };
  },
  set: ({ options }, keys) => {
    const body = new SetDataRequest(null, new Uint8Array(options.bytes), -1);
    return (session) => {
      body.path = anyOf(keys);
      session.request(OpCode.setData, body);
    };
  },
  mixed: (stage, keys) => {
    const read = requests.read(stage, keys);
    const set = requests.set(stage, keys);
    return (session) => (Math.random() * 100 < stage.options.readPercent ? read(session) : set(session));
  },
  children: ({ root }) => {
    const body = new GetChildrenRequest(root, false);
    return (session) => session.request(OpCode.getChildren, body);
  },
};

async function measureCreates(stage: Stage, name: 'create' | 'createdelete'): Promise<Result> {
  const asked = new Uint32Array(stage.options.connections);
  const create = new CreateRequest(null, new Uint8Array(stage.options.bytes), OPEN_ACL_UNSAFE, 0);
  const remove = new DeleteRequest(null, -1);
  const path = (id: number, number: number): string => `${stage.root}/c${id}-${number}`;
  const ask: Record<typeof name, Ask> = {
    create: (session) => {
      create.path = path(session.id, asked[session.id]!++);
      session.request(OpCode.create, create);
    },
    createdelete: (session) => {
      const number = asked[session.id]!++;
      const request = number % 2 === 0 ? create : remove;
      request.path = path(session.id, number >> 1);
      session.request(number % 2 === 0 ? OpCode.create : OpCode.delete, request);
    },
  };
  const result = await measure(stage, name, (measurement) => closedLoop(measurement, ask[name]));
  for (const [id, count] of asked.entries()) {
    const [from, to] = name === 'create' ? [0, count] : [count >> 1, (count + 1) >> 1];
    await stage.removeNodes(Array.from({ length: to - from }, (_, i) => path(id, from + i)));
  }
  return result;
}

async function measure(
  stage: Stage,
  workload: WorkloadName,
  run: (measurement: Measurement) => Promise<void>,
): Promise<Result> {
  const measurement = new Measurement(stage);
  await run(measurement);
  const { seconds, errors, latencies } = measurement;
  return resultOf(workload, stage.options, { seconds, errors, latencies });
}

function keyPaths(root: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => `${root}/k${String(number).padStart(6, '0')}`);
}

function anyOf(keys: readonly string[]): string {
  return keys[Math.floor(Math.random() * keys.length)]!;
}
