import {
  Acl,
  CheckVersionRequest,
  CreateRequest,
  CreateSessionTxn,
  CreateTTLRequest,
  DeleteContainerRequest,
  DeleteRequest,
  type MultiOp,
  OpCode,
  SetACLRequest,
  SetDataRequest,
} from '@corral/protocol';
import type { PreparableRequest } from '../src/index.ts';
import type { Random } from './random.ts';
import { bytes, open } from './replica.ts';

/** One request somebody sends. */
export interface Step {
  readonly type: number;
  readonly request: PreparableRequest;
  readonly sessionId: bigint;
}

/**
 * Requests at random over few names and few sessions, so that they meet: most succeed, many fail, all kinds of
 * nodes, quotas and multis among them.
 */
export class History {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** What every history begins with: sessions, and a quota. */
  static beginning(): Step[] {
    const steps: Step[] = SESSIONS.map((sessionId) => ({
      type: OpCode.createSession,
      request: new CreateSessionTxn(10_000),
      sessionId,
    }));
    for (const [path, data] of QUOTA_NODES) {
      const request = new CreateRequest(path, bytes(data), open(), 0);
      steps.push({ type: OpCode.create, request, sessionId: SESSIONS[0]! });
    }
    return steps;
  }

  next(): Step {
    const random = this.#random;
    const sessionId = random.pick(SESSIONS);
    const dice = random.below(100);
    if (dice < 4) return { type: OpCode.closeSession, request: null, sessionId };
    if (dice < 8) return { type: OpCode.createSession, request: new CreateSessionTxn(5_000), sessionId };
    if (dice < 22) {
      const ops = Array.from({ length: random.below(5) }, () => this.#op());
      return { type: OpCode.multi, request: ops, sessionId };
    }
    if (dice < 27) {
      const request = new SetACLRequest(this.#path(), this.#acl(), this.#version());
      return { type: OpCode.setACL, request, sessionId };
    }
    if (dice < 31) {
      const request = new DeleteContainerRequest(this.#path());
      return { type: OpCode.deleteContainer, request, sessionId: 0n };
    }
    const { type, record } = this.#op();
    if (type === OpCode.check) return this.next();
    return { type, request: record, sessionId };
  }

  #op(): MultiOp {
    const random = this.#random;
    const dice = random.below(100);
    if (dice < 40) {
      const type = random.pick([OpCode.create, OpCode.create2] as const);
      const flags = random.pick([0, 0, 0, 1, 1, 2, 3]);
      return { type, record: new CreateRequest(this.#path(), this.#data(), this.#acl(), flags) };
    }
    if (dice < 45) {
      const record = new CreateRequest(this.#path(), this.#data(), this.#acl(), 4);
      return { type: OpCode.createContainer, record };
    }
    if (dice < 50) {
      const record = new CreateTTLRequest(this.#path(), this.#data(), this.#acl(), random.pick([5, 6]), 1000);
      return { type: OpCode.createTTL, record };
    }
    if (dice < 70) return { type: OpCode.delete, record: new DeleteRequest(this.#path(), this.#version()) };
    if (dice < 92) {
      return {
        type: OpCode.setData,
        record: new SetDataRequest(this.#path(), this.#data(), this.#version()),
      };
    }
    return { type: OpCode.check, record: new CheckVersionRequest(this.#path(), this.#version()) };
  }

  #path(): string {
    const random = this.#random;
    const depth = 1 + random.below(3);
    let path = '';
    for (let i = 0; i < depth; i++) path += `/${random.pick(NAMES)}`;
    return path;
  }

  #data(): Uint8Array | null {
    const random = this.#random;
    const length = random.pick([-1, 0, 1, 7, 8, 9, 60, 200, 3000]);
    return length < 0 ? null : new Uint8Array(length).fill(65 + random.below(26));
  }

  #acl(): Acl[] {
    const random = this.#random;
    if (random.below(3) > 0) return open();
    return [...open(), new Acl(1 + random.below(31), 'digest', `user${random.below(3)}:x`)];
  }

  #version(): number {
    return this.#random.pick([-1, -1, -1, 0, 1]);
  }
}

const SESSIONS: readonly bigint[] = [0x100n, 0x200n, 0x300n, -0x7eff_ffff_ffff_0000n];
const NAMES = ['a', 'b', 'c', 'longer-name', 'ü'];
const QUOTA_NODES: readonly (readonly [string, string | null])[] = [
  ['/a', ''],
  ['/zookeeper/quota/a', null],
  ['/zookeeper/quota/a/zookeeper_limits', 'count=5,bytes=100'],
  ['/zookeeper/quota/a/zookeeper_stats', 'count=0,bytes=0'],
];
