/**
 * One session. Connections carry the object, so that no request looks an id up. `O` is whatever stands for the place
 * where the client is attached: a connection, or a learner.
 */
export class Session<O> {
  readonly id: bigint;
  /** Milliseconds, as negotiated last; a re-attachment may set another, and touches the session after it. */
  timeoutMs: number;
  /** Who may send requests for it. Nobody has claimed it while undefined. */
  owner: O | undefined = undefined;
  /** On its way out, or gone: it expired, or its closing has begun. Never false again. */
  isClosing = false;
  /** When it expires, in the tracker's time (see `SessionTracker`). A multiple of the tick. Kept by the tracker. */
  expiryTime = 0;
  /** The bucket it is filed in: `expiryTime` or earlier; 0 is none. Kept by the tracker. */
  bucketTime = 0;
  /** Its neighbours in that bucket. Kept by the tracker. */
  before: Session<O> | undefined = undefined;
  after: Session<O> | undefined = undefined;

  constructor(id: bigint, timeoutMs: number) {
    this.id = id;
    this.timeoutMs = timeoutMs;
  }

  /**
   * Whether requests from `owner` are in order: it is the owner, or nobody was and it is from now on. Otherwise the
   * client has moved on to another connection, and this one gets SESSIONMOVED.
   */
  claim(owner: O): boolean {
    this.owner ??= owner;
    return this.owner === owner;
  }
}
