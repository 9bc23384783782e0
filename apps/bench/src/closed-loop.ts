import type { Measurement } from './measurement.ts';
import type { LoadSession } from './session.ts';

/** Makes one request on the session. */
export type Ask = (session: LoadSession) => void;

/** Every session keeps `depth` requests in flight: for each reply it makes the next one. */
export async function closedLoop(measurement: Measurement, ask: Ask): Promise<void> {
  const { stage } = measurement;
  const { depth, warmupSeconds, seconds } = stage.options;
  const sessions = await stage.openSessions();
  let isOver = false;
  const handler = {
    onReply(session: LoadSession, err: number, us: number): void {
      measurement.record(us, err);
      if (!isOver) ask(session);
    },
  };
  for (const session of sessions) {
    session.handler = handler;
    for (let i = 0; i < depth; i++) ask(session);
    session.flush();
  }
  await stage.guard(pause(warmupSeconds));
  measurement.begin();
  await stage.guard(pause(seconds));
  measurement.end();
  isOver = true;
  await stage.guard(Promise.all(sessions.map((session) => session.idle())));
  await stage.closeSessions(sessions);
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
