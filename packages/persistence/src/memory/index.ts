export { memoryStorage, type MemoryStorageOptions } from './memory-storage.ts';
export { MemoryMedium } from './memory-medium.ts';
