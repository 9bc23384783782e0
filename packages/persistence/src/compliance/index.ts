export { storageCases } from './storage-cases.ts';
export type { ComplianceCase, StorageCapability, StorageFactory, StorageFixture } from './fixture.ts';

// What the cases are made of, for an adapter's own specs.
export { at, CountedBody, entry, range, sampleBody } from './samples.ts';
