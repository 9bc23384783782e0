import { digestIdentity, type Recorder, RecordingClient, type Server } from '@corral-test/history';
import type { HistoryRecord, RequestRecord } from '@corral/testing';
import { USER } from './crew.ts';

/** By path: data, the whole Stat, the access list and the children, as text. */
export type Tree = ReadonlyMap<string, string>;

/** Reads all there is from one server, as a client that is recorded like the others. */
export class TreeReader {
  readonly #client: RecordingClient;
  readonly #number: number;
  readonly #server: Server;
  #replies: RequestRecord[] = [];

  constructor(recorder: Recorder, number: number, server: Server, timeoutMs: number) {
    this.#number = number;
    this.#server = server;
    this.#client = new RecordingClient(recorder, number, timeoutMs, digestIdentity(USER));
  }

  /** Every record of the history is shown here; it takes its own. */
  note(record: HistoryRecord): void {
    if (record.kind === 'request' && record.client === this.#number) this.#replies.push(record);
  }

  /** Says whether it is connected now. */
  connect(): Promise<boolean> {
    return this.#client.connect(this.#server);
  }

  /** Lets the server hear of it, for its session ends otherwise. False where the connection is over. */
  stay(): Promise<boolean> {
    this.#client.ask({ op: 'exists', path: '/', watch: false });
    return this.#client.until(0, LIMIT_MS);
  }

  /** @throws Error where the connection ends before all is read */
  async read(): Promise<Tree> {
    const tree = new Map<string, string>();
    this.#client.ask({ op: 'sync', path: '/' });
    await this.#answers();
    for (let level = ['/']; level.length > 0;) {
      const below: string[] = [];
      for (let at = 0; at < level.length; at += BATCH) {
        const paths = level.slice(at, at + BATCH);
        for (const path of paths) {
          this.#client.ask({ op: 'getData', path, watch: false });
          this.#client.ask({ op: 'getACL', path });
          this.#client.ask({ op: 'getChildren', path, watch: false });
        }
        const replies = await this.#answers();
        for (const [i, path] of paths.entries()) {
          const parts = replies.slice(i * 3, i * 3 + 3);
          const children = (parts[2]!.result?.children ?? []).toSorted();
          tree.set(
            path,
            text([...parts.slice(0, 2).map(({ error, result }) => ({ error, result })), children]),
          );
          for (const name of children)
            if (path !== '/' || name !== 'zookeeper')
              below.push(path === '/' ? `/${name}` : `${path}/${name}`);
        }
      }
      level = below;
    }
    return tree;
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #answers(): Promise<readonly RequestRecord[]> {
    this.#replies = [];
    if (!(await this.#client.until(0, LIMIT_MS))) throw new Error(`${this.#server.name}: connection lost`);
    return this.#replies;
  }
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
}

const BATCH = 100;
const LIMIT_MS = 30_000;
