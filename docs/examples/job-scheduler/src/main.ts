import { NodeExistsError } from '@corral/client';
import { connect } from '@corral/client/node';
import { addJob, Scheduler } from './scheduler.ts';

const [hosts = 'localhost:2181', name = `process-${process.pid}`] = process.argv.slice(2);

await using zk = await connect(hosts, { onExpired: 'newSession', sessionTimeout: 6000 });
for (const [job, everyMs] of [
  ['sweep', 2000],
  ['report', 5000],
] as const)
  await addJob(zk, job, everyMs).catch((error: unknown) => {
    // Another process was here before.
    if (!(error instanceof NodeExistsError)) throw error;
  });

await using scheduler = new Scheduler(
  zk,
  name,
  async ({ job, dueAt }) => {
    console.log(
      `${name}${scheduler.isLeader ? ', the leader,' : ''} does ${job} of ${new Date(dueAt).toISOString()}`,
    );
  },
  (error) => console.error(String(error)),
);
console.log(`${name} is there`);

const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end());
await isOver;
console.log(`${name} leaves`);
