import type { SessionState } from '@corral/client';
import { EventType } from '@corral/protocol';

/** How Apache's client prints an event (WatchedEvent.toString, 3.9), behind a `WATCHER::`. */
export function watchedEventText(state: string, type: string, path: string | null, zxid: number): string {
  return `\nWATCHER::\n\nWatchedEvent state:${state} type:${type} path:${path} zxid: ${zxid}`;
}

/** KeeperState of the event that tells of a change; undefined where Apache's client tells none. */
export const keeperStateOf: Readonly<Record<SessionState, string | undefined>> = {
  connecting: undefined,
  connected: 'SyncConnected',
  connectedReadOnly: 'ConnectedReadOnly',
  suspended: 'Disconnected',
  expired: 'Expired',
  authFailed: 'AuthFailed',
  closed: 'Closed',
};

/** ZooKeeper.States, as the prompt shows it. */
export const statesNameOf: Readonly<Record<SessionState, string>> = {
  connecting: 'CONNECTING',
  connected: 'CONNECTED',
  connectedReadOnly: 'CONNECTEDREADONLY',
  suspended: 'CONNECTING',
  expired: 'CLOSED',
  authFailed: 'AUTH_FAILED',
  closed: 'CLOSED',
};

export function eventTypeName(type: number): string {
  return NAMES.get(type) ?? String(type);
}

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(EventType).map(([name, value]) => [value, name]),
);
