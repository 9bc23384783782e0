import { createServer } from 'node:net';

/**
 * Ports of loopback that nobody listens on now, all different. They lie below the range from which systems take
 * the ports of outgoing connections, and are handed out once each, so that nobody else is given one meanwhile.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = (next = next >= last ? first : next + 1);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

const first = 10_000;
const last = 32_000;
let next = first + ((process.pid * 137) % (last - first));

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const holder = createServer();
    holder.once('error', () => resolve(false));
    holder.listen(port, '127.0.0.1', () => holder.close(() => resolve(true)));
  });
}
