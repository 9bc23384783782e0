import type { Op } from './abort-signal.ts';
import type { Acl } from './acl.ts';
import type { CreateKind } from './arguments.ts';
import type { CreateCare } from './create-with-care.ts';

export interface CreateOptions extends Op, CreateKind, CreateCare {
  /** Default `acl.open`. */
  readonly acl?: readonly Acl[];
}

export interface ChangeOptions extends Op {
  /** The version the node must have. Default: any. */
  readonly version?: number;
  /**
   * When the connection is lost before the reply, find out: with a version the change can be sent again without harm.
   * The same data written by somebody else at that moment is taken for ours. Needs `version`.
   */
  readonly retry?: boolean;
}

export interface DeleteOptions extends ChangeOptions {
  /** With everything below it. Not in one transaction: what others create meanwhile is deleted too, or ends it with NotEmpty. */
  readonly recursive?: boolean;
  /** A node that is not there is no error. */
  readonly ifExists?: boolean;
}

export interface WatchOptions extends Op {
  /** Also everything below; then `childrenChanged` is never told, for the children's own events are. */
  readonly recursive?: boolean;
}

export interface SubscribeOptions extends WatchOptions {
  /** No event will ever come: the session is over. */
  readonly onEnd?: (reason: Error) => void;
}
