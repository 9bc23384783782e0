import { EventType, WatcherEvent, Xid } from '@corral/protocol';
import { replyOf, type TestClient } from './server-specs.ts';

/** The events that have come to a client, `what path` each; they are taken. */
export function eventsOf(client: TestClient): string[] {
  return client.frames
    .splice(0)
    .map(replyOf)
    .filter(({ xid }) => xid === Xid.notification)
    .map(({ body }) => {
      const { type, path } = WatcherEvent.read(body);
      return `${NAMES.get(type)} ${path}`;
    });
}

const NAMES: ReadonlyMap<number, string> = new Map<number, string>([
  [EventType.NodeCreated, 'created'],
  [EventType.NodeDeleted, 'deleted'],
  [EventType.NodeDataChanged, 'changed'],
  [EventType.NodeChildrenChanged, 'children'],
]);
