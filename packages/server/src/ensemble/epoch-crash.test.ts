import { OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { absentNodes, createNodes } from '../../test/ensemble-nodes.ts';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create } from '../../test/requests.ts';

/** Each begins a new epoch on the disk of a member; `world` stands before that, and `begin` has it happen. */
const SCENARIOS: readonly [string, number, () => Promise<Scenario>][] = [
  ['as it comes to lead', 2, comingToLead],
  ['as it is brought up to date by DIFF', 1, () => missing({})],
  ['as it is brought up to date by SNAP', 1, () => missing({ forceSnapshotSync: true })],
  ['as what it has alone is cut off', 3, cutOff],
];

describe('a crash before any step that is durable, and behind the last (ZOOKEEPER-2307, 4269, 2354, 1653)', () => {
  it.each(SCENARIOS)(
    'of a member %s, leaves a disk from which it starts, and epochs never go back',
    async (_, sid, make) => {
      let steps = 0;
      for (let isReached = true; isReached; steps++) isReached = await crashAt(steps, sid, await make());

      expect(steps).toBeGreaterThan(3);
    },
  );
});

interface Scenario {
  readonly world: EnsembleWorld;
  /** What was acknowledged. */
  readonly paths: readonly string[];
  readonly begin: () => Promise<unknown>;
  /** The others, where they do not serve without it. */
  readonly comeBack?: () => Promise<unknown>;
}

/** Returns whether it came so far. */
async function crashAt(
  step: number,
  sid: number,
  { world, paths, begin, comeBack }: Scenario,
): Promise<boolean> {
  const { durable } = world.medium(sid);
  const before = { accepted: durable.accepted!, current: durable.current! };
  let count = 0;
  let isReached = false;
  world.medium(sid).beforeSync = () => {
    if (count++ !== step) return undefined;
    isReached = true;
    world.crash(sid);
    return new Promise(() => {});
  };
  begin().catch(() => {});
  await world.pass(3000);
  world.medium(sid).beforeSync = () => {};
  if (!isReached) world.crash(sid);

  const { accepted, current } = durable;
  expect(accepted).toBeGreaterThanOrEqual(before.accepted);
  expect(current).toBeGreaterThanOrEqual(before.current);
  expect(accepted).toBeGreaterThanOrEqual(current!);
  await world.start(sid);
  await comeBack?.();
  await world.pass(1000);
  await world.serving();
  expect(durable.accepted).toBeGreaterThanOrEqual(accepted!);
  expect(durable.current).toBeGreaterThan(before.current);
  expect(await absentNodes(world, sid, paths)).toEqual([]);
  expect(await world.differences()).toEqual([]);
  return isReached;
}

async function comingToLead(): Promise<Scenario> {
  const world = await EnsembleWorld.elected({ size: 3 });
  const paths = await createNodes(world, 3, 5);
  return { world, paths, begin: async () => world.crash(3), comeBack: () => world.start(3) };
}

/** Server 1 has missed a little, and the beginning of an epoch. */
async function missing(ensemble: { readonly forceSnapshotSync?: boolean }): Promise<Scenario> {
  const world = await EnsembleWorld.led(3, { size: 3, ensemble });
  const paths = await createNodes(world, 3, 5);
  world.crash(1);
  paths.push(...(await createNodes(world, 3, 5, 'second')));
  world.crash(3);
  world.elect(undefined);
  await world.start(3);
  await world.pass(2000);
  world.elect(3);
  await world.serving(2, 3);
  paths.push(...(await createNodes(world, 3, 5, 'third')));
  return { world, paths, begin: () => world.start(1) };
}

/** Server 3 has led, and has a tail that the others never had; they have gone on without it. */
async function cutOff(): Promise<Scenario> {
  const world = await EnsembleWorld.led(3, { size: 3 });
  const paths = await createNodes(world, 3, 5);
  const client = await world.client(3);
  world.isolate(3);
  for (let i = 0; i < 3; i++) client.send(OpCode.create, create(`/never${i}`));
  await world.pass(50);
  world.elect(undefined);
  for (const sid of [1, 2, 3]) world.crash(sid);
  world.network.heal();
  await world.start(1);
  await world.start(2);
  world.elect(2);
  await world.serving(1, 2);
  return { world, paths, begin: () => world.start(3) };
}
