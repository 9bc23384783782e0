import { GetDataRequest, OpCode, SetDataRequest } from '@corral/protocol';
import type { Measurement } from './measurement.ts';
import type { Options } from './options.ts';
import type { LoadSession } from './session.ts';

/** Round by round: all sessions watch one node, one writer sets it, all get the event and watch again. */
export async function watchRounds(measurement: Measurement): Promise<void> {
  const { stage } = measurement;
  const { boss, options, root } = stage;
  const path = `${root}/watched`;
  await stage.makeNodes([path]);
  const sessions = await stage.openSessions();
  const look = new GetDataRequest(path, true);
  const change = new SetDataRequest(path, new Uint8Array(options.bytes), -1);
  let writtenAt = 0;
  const handler = {
    onReply(_: LoadSession, err: number): void {
      if (err !== 0) measurement.errors++;
    },
    onWatchEvent(session: LoadSession): void {
      measurement.record((performance.now() - writtenAt) * 1000);
      session.request(OpCode.getData, look);
      if (--missing === 0) allArrived.resolve();
    },
  };
  boss.handler = handler;
  let missing = 0;
  let allArrived = Promise.withResolvers<void>();
  for (const session of sessions) {
    session.handler = handler;
    session.request(OpCode.getData, look);
  }
  await stage.guard(Promise.all(sessions.map((session) => session.idle())));
  const round = async (): Promise<void> => {
    missing = sessions.length;
    allArrived = Promise.withResolvers<void>();
    writtenAt = performance.now();
    boss.request(OpCode.setData, change);
    await stage.guard(Promise.all([boss.idle(), allArrived.promise]));
    await stage.guard(Promise.all(sessions.map((session) => session.idle())));
  };
  await inRounds(measurement, options, round);
  await stage.closeSessions(sessions);
  await stage.removeNodes([path]);
}

/** Wave by wave: all sessions are opened at once, and closed when the last of them stands. */
export async function openAndClose(measurement: Measurement): Promise<void> {
  const { stage } = measurement;
  const open = async (id: number): Promise<LoadSession> => {
    const dialled = performance.now();
    const session = await stage.openSession(id);
    measurement.record((performance.now() - dialled) * 1000);
    return session;
  };
  const wave = async (): Promise<void> => {
    const sessions = await Promise.all(
      Array.from({ length: stage.options.connections }, (_, id) => open(id)),
    );
    await stage.closeSessions(sessions);
  };
  await inRounds(measurement, stage.options, wave);
}

async function inRounds(
  measurement: Measurement,
  options: Options,
  round: () => Promise<void>,
): Promise<void> {
  measurement.begin();
  measurement.isOn = false;
  while (!measurement.hasLasted(options.warmupSeconds)) await round();
  measurement.begin();
  while (!measurement.hasLasted(options.seconds)) await round();
  measurement.end();
}
