export { type Zxid, ZXID_NONE, EPOCH_MAX, zxidOf, toZxid, nextZxid, epochOf, counterOf, zxidToHex } from './zxid.ts';
