/**
 * What a watch says. `resync`: events may have been missed (the connection was away, or more came than were taken):
 * read again what you hold. The watch itself stands.
 */
export type WatchEvent =
  | {
      readonly type: 'created' | 'changed' | 'deleted' | 'childrenChanged';
      readonly path: string;
      /** Of the transaction; -1 from a server before 3.9, and for what happened while the connection was away. */
      readonly zxid: bigint;
    }
  | { readonly type: 'resync'; readonly path: string };
