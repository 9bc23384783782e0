import type { Operation } from '../wire/operation.ts';

/** Connections are numbered by the script; a number is free again once its connection has ended. */
export type Step =
  /** Opens a connection and a session on it, and waits for the answer. */
  | { readonly do: 'connect'; readonly conn: number; readonly with?: ConnectFields }
  /** Sends the requests in one write, and waits until each is answered or the connection has ended. */
  | { readonly do: 'send'; readonly conn: number; readonly ops: readonly Sent[]; readonly drift?: string }
  /** Ends the connection, and leaves the session behind. */
  | { readonly do: 'drop'; readonly conn: number }
  /** Sends bytes (hex) as they are, on a connection with or without a session. */
  | { readonly do: 'bytes'; readonly conn: number; readonly hex: string }
  /** Opens a connection and says nothing. */
  | { readonly do: 'open'; readonly conn: number }
  /** A four-letter word on a connection of its own; of its answer all of the text, its form, or the names in it. */
  | { readonly do: 'word'; readonly word: string; readonly keep?: WordForm }
  /** Waits until so many events have come on the connection since it was opened. */
  | { readonly do: 'events'; readonly conn: number; readonly count: number }
  /** Waits for the server to end the connection. */
  | { readonly do: 'ended'; readonly conn: number }
  /** Ends the server and starts it again on the same directory. */
  | { readonly do: 'restart'; readonly how: 'stop' | 'kill' }
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
  /** Sent in the same write, before there is an answer. */
  readonly followedBy?: readonly Sent[];
}

/** `form`: numbers, ids, dates and folders aside, lines sorted. `names`: of each line what stands before its value. */
export type WordForm = 'text' | 'form' | 'names';
