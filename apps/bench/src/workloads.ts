import {
  CreateRequest,
  ExistsRequest,
  GetChildrenRequest,
  GetDataRequest,
  OPEN_ACL_UNSAFE,
  OpCode,
  SetDataRequest,
} from '@corral/protocol';
import { closedLoop, type Ask } from './closed-loop.ts';
import { Measurement } from './measurement.ts';
import type { Result } from './result.ts';
import { openAndClose, watchRounds } from './rounds.ts';
import type { Stage } from './stage.ts';
import type { WorkloadName } from './workload-names.ts';

/** Runs one workload on the stage, and leaves nothing behind. */
export async function runWorkload(stage: Stage, name: WorkloadName): Promise<Result> {
  if (name === 'connect') return measure(stage, name, openAndClose);
  if (name === 'watch') return measure(stage, name, watchRounds);
  if (name === 'create') return measureCreates(stage);
  const keys = keyPaths(stage.root, stage.options.keys);
  await stage.makeNodes(keys);
  const result = await measure(stage, name, (measurement) =>
    closedLoop(measurement, requests[name](stage, keys)),
  );
  await stage.removeNodes(keys);
  return result;
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

async function measureCreates(stage: Stage): Promise<Result> {
  const made = new Uint32Array(stage.options.connections);
  const path = (id: number, number: number): string => `${stage.root}/c${id}-${number}`;
  const body = new CreateRequest(null, new Uint8Array(stage.options.bytes), OPEN_ACL_UNSAFE, 0);
  const result = await measure(stage, 'create', (measurement) =>
    closedLoop(measurement, (session) => {
      body.path = path(session.id, made[session.id]!++);
      session.request(OpCode.create, body);
    }),
  );
  for (const [id, count] of made.entries())
    await stage.removeNodes(Array.from({ length: count }, (_, number) => path(id, number)));
  return result;
}

async function measure(
  stage: Stage,
  workload: WorkloadName,
  run: (measurement: Measurement) => Promise<void>,
): Promise<Result> {
  const measurement = new Measurement(stage);
  await run(measurement);
  const { connections, depth, bytes } = stage.options;
  const { seconds, errors, latencies } = measurement;
  return { workload, connections, depth, bytes, seconds, errors, latencies };
}

function keyPaths(root: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => `${root}/k${String(number).padStart(6, '0')}`);
}

function anyOf(keys: readonly string[]): string {
  return keys[Math.floor(Math.random() * keys.length)]!;
}
