import { describeRecords } from '../test/records.ts';
import { AddWatchMode, EventType, KeeperState, WatcherType } from './watch-codes.ts';
import {
  AddWatchRequest,
  CheckWatchesRequest,
  RemoveWatchesRequest,
  SetWatches,
  SetWatches2,
  WatcherEvent,
} from './watch-records.ts';

describeRecords([
  {
    name: 'SetWatches',
    record: new SetWatches(1000, ['/a'], [], []),
    type: SetWatches,
    bytes: `
      00000000000003e8  relativeZxid
      00000001          dataWatches: 1
      00000002          2 bytes
      2f61              "/a"
      00000000          existWatches: none
      00000000          childWatches: none`,
  },
  {
    name: 'SetWatches with null lists',
    record: new SetWatches(-1, null, null, [null]),
    type: SetWatches,
    bytes: `
      ffffffffffffffff  relativeZxid: the client has seen nothing
      ffffffff          dataWatches: null
      ffffffff          existWatches: null
      00000001          childWatches: 1
      ffffffff          a null path`,
  },
  {
    name: 'SetWatches2',
    record: new SetWatches2(1000, ['/a'], [], [], ['/a'], []),
    type: SetWatches2,
    bytes: `
      00000000000003e8  relativeZxid
      00000001          dataWatches: 1
      00000002          2 bytes
      2f61              "/a"
      00000000          existWatches: none
      00000000          childWatches: none
      00000001          persistentWatches: 1
      00000002          2 bytes
      2f61              "/a"
      00000000          persistentRecursiveWatches: none`,
  },
  {
    name: 'AddWatchRequest',
    record: new AddWatchRequest('/w', AddWatchMode.PERSISTENT_RECURSIVE),
    type: AddWatchRequest,
    bytes: `
      00000002          path: 2 bytes
      2f77              "/w"
      00000001          mode: PERSISTENT_RECURSIVE`,
  },
  {
    name: 'CheckWatchesRequest',
    record: new CheckWatchesRequest('/w', WatcherType.PersistentRecursive),
    type: CheckWatchesRequest,
    bytes: `
      00000002          path: 2 bytes
      2f77              "/w"
      00000005          type: PersistentRecursive`,
  },
  {
    name: 'RemoveWatchesRequest',
    record: new RemoveWatchesRequest('/w', WatcherType.Any),
    type: RemoveWatchesRequest,
    bytes: `
      00000002          path: 2 bytes
      2f77              "/w"
      00000003          type: Any`,
  },
  {
    name: 'WatcherEvent',
    record: new WatcherEvent(EventType.NodeCreated, KeeperState.SyncConnected, '/w'),
    type: WatcherEvent,
    bytes: `
      00000001          type: NodeCreated
      00000003          state: SyncConnected
      00000002          path: 2 bytes
      2f77              "/w"`,
  },
]);
