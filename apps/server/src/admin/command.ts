import type { Readable } from 'node:stream';
import type { ServerView } from '@corral/server';
import type { JsonObject, JsonValue } from './jackson.ts';
import type { SnapshotFiles } from './snapshot-files.ts';

/** One of AdminServer's commands (`org.apache.zookeeper.server.admin.Commands`). */
export interface AdminCommand {
  /** The first is the one the index shows. */
  readonly names: readonly [string, ...string[]];
  /** It says something while the server does not serve, too. */
  readonly isAlwaysThere?: boolean;
  /** Only for those who may do everything to the root node. */
  readonly isGuarded?: boolean;
  readonly method?: 'POST';
  answer(context: CommandContext): CommandAnswer | Promise<CommandAnswer>;
}

export interface CommandContext {
  /** Where the server does not serve, only what is there anyway may be asked for. */
  readonly view: ServerView;
  readonly parameters: URLSearchParams;
  /** What came with the request. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly environment: AdminEnvironment;
}

/** What commands show beside the server. */
export interface AdminEnvironment {
  /** The text of the configuration file at the start; '' where there is none. */
  readonly initialConfig: string;
  readonly systemProperties: () => JsonObject;
  /** Undefined where snapshots are not kept in Apache's files. */
  readonly snapshotFiles: SnapshotFiles | undefined;
}

export interface CommandAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly entries?: Readonly<Record<string, JsonValue>>;
  /** Instead of JSON. */
  readonly stream?: Readable;
}
