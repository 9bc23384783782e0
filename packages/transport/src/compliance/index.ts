export { transportCompliance } from './all.ts';
export type { TransportCapability, TransportCase, TransportSubject } from './case.ts';
