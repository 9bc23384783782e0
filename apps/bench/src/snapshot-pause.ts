import type { Ask } from './closed-loop.ts';
import { Latencies } from './latencies.ts';
import { resultOf, type Result } from './result.ts';
import { IN_FLIGHT_MAX, type LoadSession } from './session.ts';
import type { Stage } from './stage.ts';

/**
 * Every session reads in a closed loop, while one more writes at a steady rate, so that the server takes snapshots
 * (by default after 50,000 to 100,000 writes). Latencies are of reads. Seconds in which a snapshot was taken stand out
 * against the others: beside the whole there are the median and the worst second, by their p99.9.
 */
export async function readsBesideWrites(
  stage: Stage,
  read: Ask,
  write: Ask,
): Promise<[Result, Result, Result]> {
  const { depth, seconds, warmupSeconds, connections } = stage.options;
  const readers = await stage.openSessions();
  const writer = await stage.openSession(connections);
  const windows: Latencies[] = [];
  let window = new Latencies();
  let errors = 0;
  let isOver = false;
  const reading = {
    onReply(session: LoadSession, err: number, us: number): void {
      window.record(us);
      if (err !== 0) errors++;
      if (!isOver) read(session);
    },
  };
  writer.handler = { onReply: (_, err) => void (errors += err === 0 ? 0 : 1) };
  const writing = writeSteadily(writer, write, stage.options.writesPerSecond);
  for (const session of readers) {
    session.handler = reading;
    for (let i = 0; i < depth; i++) read(session);
    session.flush();
  }
  await stage.guard(pause(warmupSeconds));
  const begun = performance.now();
  for (let second = 0; second < Math.ceil(seconds); second++) {
    window = new Latencies();
    await stage.guard(pause(Math.min(1, seconds - second)));
    windows.push(window);
  }
  isOver = true;
  clearInterval(writing);
  const lasted = (performance.now() - begun) / 1000;
  await stage.guard(Promise.all([...readers, writer].map((session) => session.idle())));
  await stage.closeSessions([...readers, writer]);

  const all = new Latencies();
  for (const each of windows) all.add(each);
  const bySlowness = windows.toSorted((a, b) => a.quantile(0.999) - b.quantile(0.999));
  const median = bySlowness[Math.floor((bySlowness.length - 1) / 2)]!;
  const worst = bySlowness.at(-1)!;
  const oneSecond = lasted / windows.length;
  return [
    resultOf('snapshot-pause', stage.options, { seconds: lasted, errors, latencies: all }),
    resultOf('median second', stage.options, { seconds: oneSecond, errors: 0, latencies: median }),
    resultOf('worst second', stage.options, { seconds: oneSecond, errors: 0, latencies: worst }),
  ];
}

/** Makes as many requests as are due. Those that do not fit, because the server is behind, are made later. */
function writeSteadily(writer: LoadSession, write: Ask, perSecond: number): NodeJS.Timeout {
  const begun = performance.now();
  let made = 0;
  return setInterval(() => {
    const due = Math.floor(((performance.now() - begun) / 1000) * perSecond);
    for (; made < due && writer.inFlight < IN_FLIGHT_MAX; made++) write(writer);
    writer.flush();
  }, 5);
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
