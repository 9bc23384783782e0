import { describeRecords } from '../test/records.ts';
import { FileHeader } from './file-header.ts';

describeRecords([
  {
    name: 'FileHeader of a log',
    record: new FileHeader(0x5a4b4c47, 2, 0n),
    type: FileHeader,
    bytes: `
      5a4b4c47          magic: "ZKLG"
      00000002          version
      0000000000000000  dbid`,
  },
  {
    name: 'FileHeader of a snapshot',
    record: new FileHeader(0x5a4b534e, 2, -1n),
    type: FileHeader,
    bytes: `
      5a4b534e          magic: "ZKSN"
      00000002          version
      ffffffffffffffff  dbid`,
  },
]);
