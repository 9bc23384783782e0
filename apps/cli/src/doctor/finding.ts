/** What is wrong, for somebody who can change it. */
export interface Finding {
  /** `bad`: it does not start, or loses or gives away data. `warn`: it will hurt one day. */
  readonly severity: 'bad' | 'warn';
  /** The name of the rule: never changes, so that scripts can go by it. */
  readonly rule: string;
  /** `zoo.cfg:12`, or what else it is about. */
  readonly where: string;
  readonly seen: string;
  readonly why: string;
  /** The line to write, or what to do. */
  readonly fix: string;
}
