import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { Address } from '@corral/transport';
import {
  type TransportCapability,
  transportCompliance,
  type TransportSubject,
} from '@corral/transport/compliance';
import { tcp } from './index.ts';

const capabilities: ReadonlySet<TransportCapability> = new Set<TransportCapability>([
  'refusal',
  'exclusive-ports',
  'addresses',
  'half-close',
]);

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
if (!hasIpv6) console.warn('TCP over IPv6 is not tested: this machine has no ::1');

describe.each([
  ['with a shared read buffer, over IPv4', true, '127.0.0.1'],
  ...(hasIpv6 ? [['with a shared read buffer, over IPv6', true, '::1'] as const] : []),
  ['with the plain reads of Node', false, '127.0.0.1'],
] as const)('TCP %s', (_, sharedReadBuffer, host) => {
  const transport = tcp({ sharedReadBuffer });
  const subject: TransportSubject = { transport, host, capabilities, until: (promise) => promise, askAndEnd };

  it.each(transportCompliance)('$name', { timeout: 60_000 }, async ({ run }) => {
    await expect(run(subject)).resolves.toBeUndefined();
  });
});

async function askAndEnd(address: Address, question: Uint8Array): Promise<Uint8Array> {
  const socket = connect({ host: address.host, port: address.port, allowHalfOpen: true });
  socket.end(question);
  const chunks: Uint8Array[] = [];
  for await (const chunk of socket) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
