import { QuorumPacket, QuorumPacketType } from '@corral/protocol';
import { SimulatedRuntime } from '@corral/runtime/simulated';
import type { Connection } from '@corral/transport';
import { memoryNetwork } from '@corral/transport/memory';
import { describe, expect, it } from 'vitest';
import { QuorumLink } from './quorum-link.ts';

const UNSENT_MAX = 1_000_000;

describe('a link whose other side does not read', () => {
  it('is given up when more than its bound is left unsent', async () => {
    const { link, ends, pass } = await linkToNobody();
    const packet = new QuorumPacket(QuorumPacketType.PROPOSAL, 1, new Uint8Array(100_000), null);

    for (let sent = 0; sent < 100 && ends.length === 0; sent++) {
      link.send(packet);
      link.flush();
      await pass();
    }

    expect(ends).toEqual(['it does not take what it is sent']);
  });

  it('is given up when that waits behind a stream that does not go on', async () => {
    const { link, ends, pass } = await linkToNobody();
    const packet = new QuorumPacket(QuorumPacketType.PROPOSAL, 1, new Uint8Array(100_000), null);
    link.stream(async (write) => {
      for (;;) await write(new Uint8Array(100_000));
    });

    for (let sent = 0; sent < 100 && ends.length === 0; sent++) {
      link.send(packet);
      link.flush();
      await pass();
    }

    expect(ends).toEqual(['it does not take what it is sent']);
  });

  it('ends its stream with the link', async () => {
    const { link, pass } = await linkToNobody();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    link.stream(async (write) => {
      try {
        for (;;) await write(new Uint8Array(100_000));
      } catch (error) {
        resolve(error);
        throw error;
      }
    });
    await pass();

    link.close('enough');
    await pass();

    expect(String(await promise)).toContain('the link is over');
  });
});

/** Why the link ended, and a way to let a little time pass. */
async function linkToNobody(): Promise<{ link: QuorumLink; ends: string[]; pass: () => Promise<void> }> {
  const { clock, random } = new SimulatedRuntime({ seed: 1 });
  const network = memoryNetwork({ clock, random });
  const quiet = { onData: () => {}, onDrain: () => {}, onClose: () => {} };
  const listening = network
    .transport('there')
    .listen({ host: 'there', port: 1 }, (connection: Connection) => {
      connection.pause();
      return quiet;
    });
  await clock.until(listening);
  const ends: string[] = [];
  const listener = {
    onPacket: () => {},
    onTurn: () => {},
    onClose: (reason: string) => void ends.push(reason),
  };
  let link: QuorumLink | undefined;
  const dialling = network
    .transport('here')
    .connect({ host: 'there', port: 1, timeoutMs: 100 }, (connection) => {
      link = new QuorumLink(connection, listener, { valueMax: 1000 }, UNSENT_MAX);
      return link;
    });
  await clock.until(dialling);
  return { link: link!, ends, pass: () => clock.advanceAsync(10) };
}
