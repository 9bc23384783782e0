import { setTimeout as pause } from 'node:timers/promises';
import { type Contender, type Contest, type Done, type Score, WAITING_MAX } from './contender.ts';
import { openContender } from './contenders.ts';

// The process of one contender: a contest in, as JSON, and its score out.
const contest = JSON.parse(process.argv[2]!) as Contest;
const contender = await openContender(contest.contender, contest.packages, contest.server);
console.log(JSON.stringify(await play(contender, contest)));
await contender.close();
process.exit();

/** Keeps so many requests in flight: the next one is made when one is over. */
async function play(
  client: Contender,
  { inFlight, seconds, warmupSeconds, ...rest }: Contest,
): Promise<Score> {
  const ask = askerOf(client, rest);
  let requests = 0;
  let errors = 0;
  let isOver = false;
  let left = inFlight;
  const ended = Promise.withResolvers<void>();
  const done: Done = (error) => {
    requests++;
    if (error) errors++;
    if (!isOver) ask(done);
    else if (--left === 0) ended.resolve();
  };
  for (let i = 0; i < inFlight; i++) ask(done);
  await work(warmupSeconds);
  const before = { requests, cpu: process.cpuUsage(), at: performance.now() };
  await work(seconds);
  const cpu = process.cpuUsage(before.cpu);
  const score = {
    requests: requests - before.requests,
    errors,
    seconds: (performance.now() - before.at) / 1000,
    cpuSeconds: (cpu.user + cpu.system) / 1_000_000,
  };
  isOver = true;
  await ended.promise;
  return score;
}

/**
 * Until this process has used so much CPU time: on a busy machine a span of the wall clock would hold much work of one and
 * little of another, and the compilers of V8 would not have got as far. Not for ever where it mostly waits.
 */
async function work(cpuSeconds: number): Promise<void> {
  const from = process.cpuUsage();
  const giveUpAt = performance.now() + cpuSeconds * 1000 * WAITING_MAX;
  for (;;) {
    await pause(20);
    const { user, system } = process.cpuUsage(from);
    if (user + system >= cpuSeconds * 1_000_000 || performance.now() >= giveUpAt) return;
  }
}

function askerOf(
  client: Contender,
  { contest: name, root, keys, bytes }: Pick<Contest, 'contest' | 'root' | 'keys' | 'bytes'>,
): (done: Done) => void {
  const data = Buffer.alloc(bytes, 'x');
  const paths = Array.from({ length: keys }, (_, i) => `${root}/${i}`);
  let i = 0;
  if (name === 'get') return (done) => client.get(paths[i++ % keys]!, done);
  if (name === 'set') return (done) => client.set(paths[i++ % keys]!, data, done);
  return (done) => client.create(`${root}/new-${process.pid}-${i++}`, data, done);
}
