export { storageCases } from './storage-cases.ts';
export type { ComplianceCase, StorageCapability, StorageFactory, StorageFixture } from './fixture.ts';
