/**
 * - `TIMEOUT`: the time given to a wait is up.
 * - `LOST`: what was held is not, or nobody can say any more: the session is over, the node is gone, or the connection has
 *   been away for too long.
 * - `RECALLED`: what is held is to be given back, for others have come or gone.
 * - `VIOLATION`: what was to be written is against the rule of its path.
 * - `CLOSED`: the recipe was closed while somebody waited for it.
 * - `FULL`: a bound that the caller set is reached.
 * - `BAD_DATA`: a node does not hold what this recipe writes.
 */
export type RecipeErrorCode = 'TIMEOUT' | 'LOST' | 'RECALLED' | 'VIOLATION' | 'CLOSED' | 'FULL' | 'BAD_DATA';

/** An outcome that the recipe has a name for. What servers say comes as the client's `ZkError`. */
export class RecipeError extends Error {
  override readonly name = 'RecipeError';
  readonly code: RecipeErrorCode;
  readonly path: string;

  constructor(code: RecipeErrorCode, path: string, detail: string, options?: ErrorOptions) {
    super(`${code}: ${path}: ${detail}`, options);
    this.code = code;
    this.path = path;
  }
}
