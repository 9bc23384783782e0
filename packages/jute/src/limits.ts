/** ZooKeeper's `jute.maxbuffer` when nothing sets it, in bytes (BinaryInputArchive). */
export const MAX_BUFFER_DEFAULT = 0xfffff;
