import { describeRecords } from '../test/records.ts';
import { Stat, StatPersisted } from './stat.ts';
import { zxidOf } from './zxid.ts';

describeRecords([
  {
    name: 'Stat',
    record: new Stat(
      zxidOf(0, 2),
      zxidOf(0, 7),
      0x1a1f861df0e,
      0x1a1f861df28,
      1,
      1,
      0,
      0n,
      2,
      1,
      zxidOf(0, 4),
    ),
    type: Stat,
    bytes: `
      0000000000000002  czxid
      0000000000000007  mzxid
      000001a1f861df0e  ctime, ms
      000001a1f861df28  mtime, ms
      00000001          version
      00000001          cversion
      00000000          aversion
      0000000000000000  ephemeralOwner
      00000002          dataLength
      00000001          numChildren
      0000000000000004  pzxid`,
  },
  {
    name: 'Stat of an ephemeral node in epoch 3',
    record: new Stat(zxidOf(3, 9), zxidOf(3, 9), 1, 1, 0, 0, 0, 0x0100001a07f00000n, 0, 0, zxidOf(3, 9)),
    type: Stat,
    bytes: `
      0000000300000009  czxid: epoch 3, counter 9
      0000000300000009  mzxid
      0000000000000001  ctime
      0000000000000001  mtime
      00000000          version
      00000000          cversion
      00000000          aversion
      0100001a07f00000  ephemeralOwner: its session
      00000000          dataLength
      00000000          numChildren
      0000000300000009  pzxid`,
  },
  {
    name: 'StatPersisted',
    record: new StatPersisted(
      zxidOf(0, 5),
      zxidOf(0, 5),
      10,
      11,
      1,
      2,
      -1,
      -0x8000_0000_0000_0000n,
      zxidOf(0, 6),
    ),
    type: StatPersisted,
    bytes: `
      0000000000000005  czxid
      0000000000000005  mzxid
      000000000000000a  ctime
      000000000000000b  mtime
      00000001          version
      00000002          cversion: creates of children, not the number shown
      ffffffff          aversion: -1, as /zookeeper/config has it
      8000000000000000  ephemeralOwner: a container
      0000000000000006  pzxid`,
  },
]);
