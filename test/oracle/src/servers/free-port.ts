import { createServer, type AddressInfo } from 'node:net';

/** Ports of loopback that nobody listens on now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const holders = await Promise.all(Array.from({ length: count }, () => holdPort()));
  const ports = holders.map((holder) => (holder.address() as AddressInfo).port);
  await Promise.all(holders.map((holder) => new Promise((done) => holder.close(done))));
  return ports;
}

function holdPort(): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const holder = createServer();
    holder.once('error', reject);
    holder.listen(0, '127.0.0.1', () => resolve(holder));
  });
}
