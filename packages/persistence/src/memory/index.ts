export { memoryStorage, type MemoryStorageOptions } from './memory-storage.ts';
export { MemoryMedium } from './memory-medium.ts';

// A disk that remembers what a power cut may take, for adapters that write files.
export { MemoryDisk, type DiskFault, type DiskOperation } from './memory-disk.ts';
export { crashImage, crashImageByChance, crashImages, type CrashImage } from './crash-images.ts';
