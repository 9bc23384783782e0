/** Xids with a meaning of their own (ClientCnxn); ordinary ones count up from 1. */
export const Xid = {
  /** From the server: a watch fired. */
  notification: -1,
  ping: -2,
  auth: -4,
  setWatches: -8,
} as const;
