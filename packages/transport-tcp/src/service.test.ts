import { createSocket, type Socket } from 'node:dgram';
import { promises } from 'node:dns';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lookUpService } from './index.ts';

describe('the servers of a service', () => {
  it('are those in the SRV records of its name, with their ranks', async () => {
    const asked: string[] = [];
    const found = await lookUpService('_zookeeper._tcp.example.com', undefined, {
      resolveSrv: async (name) => {
        asked.push(name);
        return [
          { name: 'zk1.example.com', port: 2181, priority: 0, weight: 60 },
          { name: 'zk2.example.com', port: 2182, priority: 10, weight: 40 },
        ];
      },
      cancel: () => {},
    });

    expect(asked).toEqual(['_zookeeper._tcp.example.com']);
    expect(found).toEqual([
      { host: 'zk1.example.com', port: 2181, priority: 0, weight: 60 },
      { host: 'zk2.example.com', port: 2182, priority: 10, weight: 40 },
    ]);
  });

  it('are no longer waited for when the signal aborts', async () => {
    const silent = createSocket('udp4');
    onTestFinished(() => void silent.close());
    const resolver = await resolverOf(silent);
    const abort = new AbortController();
    const asked = once(silent, 'message');

    const lookup = lookUpService('_zookeeper._tcp.example.com', abort.signal, resolver);
    await asked;
    abort.abort(new Error('not any more'));

    await expect(lookup).rejects.toThrow('not any more');
    await expect(lookUpService('x', abort.signal, resolver)).rejects.toThrow('not any more');
  });
});

/** A resolver that asks this socket. */
async function resolverOf(socket: Socket): Promise<promises.Resolver> {
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const resolver = new promises.Resolver();
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return resolver;
}
