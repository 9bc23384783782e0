export { fileStorage, type FileStorageOptions } from './file-storage.ts';
export type { SnapshotCompression } from './file-names.ts';
export { nodeDisk } from './node-disk.ts';
export { readSnapshotStream } from './snapshot-reader.ts';
