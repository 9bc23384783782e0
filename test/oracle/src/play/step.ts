import type { Operation } from '../wire/operation.ts';

/** Connections are numbered by the script; a number is free again once its connection has ended. */
export type Step =
  /** Opens a connection and a session on it, and waits for the answer. */
  | { readonly do: 'connect'; readonly conn: number; readonly with?: ConnectFields }
  /** Sends the requests in one write, and waits until each is answered or the connection has ended. */
  | { readonly do: 'send'; readonly conn: number; readonly ops: readonly Sent[]; readonly drift?: string }
  /** Ends the connection, and leaves the session behind. */
  | { readonly do: 'drop'; readonly conn: number }
  /** Sends bytes (hex) as they are, on a connection with or without a session, and waits for its end. */
  | { readonly do: 'bytes'; readonly conn: number; readonly hex: string; readonly drift?: string }
  /** Opens a connection and says nothing. */
  | { readonly do: 'open'; readonly conn: number }
  /** A four-letter word on a connection of its own. */
  | { readonly do: 'word'; readonly word: string }
  /** Pings every open connection, so that all events on their way arrive. */
  | { readonly do: 'settle' };

export type Sent = Operation & {
  /** Instead of the customary one. */
  readonly xid?: number;
  /** Nothing is expected back for it. */
  readonly unanswered?: true;
};

export interface ConnectFields {
  /** The session that this connection holds or held last is attached again. */
  readonly attach?: number;
  readonly passwd?: 'wrong' | 'short' | 'long' | 'null';
  readonly timeOut?: number;
  /** So many transactions ahead of what the player has seen. */
  readonly ahead?: number;
  readonly readOnly?: boolean | 'absent';
  readonly protocolVersion?: number;
}
