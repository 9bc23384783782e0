import type { DiagnosticChannel, Diagnostics } from '@corral/runtime';
import type { ObservedRequest, Observer, RequestObserver } from './observer.ts';
import type { SessionState } from './session-machine.ts';

/** Of `zookeeper:session`: its state has changed. */
export interface SessionMessage {
  /** The connect string of the client, as in every message. */
  readonly hosts: string;
  readonly state: SessionState;
  readonly previous: SessionState;
  /** What went wrong last, where something did. */
  readonly reason: string | undefined;
}

/** Of `zookeeper:connect`: a server was tried, and serves or does not; or its connection was lost. */
export interface ConnectMessage {
  readonly hosts: string;
  readonly server: string;
  readonly failure: string | undefined;
}

/** Of `zookeeper:watch`: an event has come. */
export interface WatchMessage {
  readonly hosts: string;
  /** 1 created, 2 deleted, 3 data changed, 4 children changed. */
  readonly eventType: number;
  /** The server's, with any chroot. */
  readonly path: string;
}

/** Of the tracing channel `zookeeper:request`: one object for the life of a request, where a tracer may keep its span. */
export interface RequestMessage {
  readonly hosts: string;
  readonly op: string;
  readonly path: string | undefined;
  /** 0 until it is sent. */
  xid: number;
  /** What its promise was rejected with. */
  error?: unknown;
}

/**
 * Publishes what happens to a client on the channels `zookeeper:session`, `zookeeper:connect` and `zookeeper:watch`, and each
 * request on those of the tracing channel `zookeeper:request`: `start` and `end` around the call, `asyncStart` and
 * `asyncEnd` when its promise is settled, `error` before them. Where nobody listens it costs next to nothing.
 */
export function diagnosticsObserver(hosts: string, diagnostics: Diagnostics): Observer {
  const session = diagnostics.channel('zookeeper:session');
  const connect = diagnostics.channel('zookeeper:connect');
  const watch = diagnostics.channel('zookeeper:watch');
  const request = new RequestChannels(diagnostics);
  return {
    stateChanged(state, previous, reason) {
      if (session.hasSubscribers)
        session.publish({ hosts, state, previous, reason } satisfies SessionMessage);
    },
    serverReached(server) {
      if (connect.hasSubscribers)
        connect.publish({ hosts, server, failure: undefined } satisfies ConnectMessage);
    },
    serverFailed(server, failure) {
      if (connect.hasSubscribers) connect.publish({ hosts, server, failure } satisfies ConnectMessage);
    },
    watchFired(eventType, path) {
      if (watch.hasSubscribers) watch.publish({ hosts, eventType, path } satisfies WatchMessage);
    },
    requestMade: (made) => (request.hasSubscribers ? new RequestTrace(hosts, made, request) : undefined),
  };
}

/** Named as `tracingChannel('zookeeper:request')` names them. */
class RequestChannels {
  readonly start: DiagnosticChannel;
  readonly end: DiagnosticChannel;
  readonly asyncStart: DiagnosticChannel;
  readonly asyncEnd: DiagnosticChannel;
  readonly error: DiagnosticChannel;

  constructor(diagnostics: Diagnostics) {
    this.start = diagnostics.channel('tracing:zookeeper:request:start');
    this.end = diagnostics.channel('tracing:zookeeper:request:end');
    this.asyncStart = diagnostics.channel('tracing:zookeeper:request:asyncStart');
    this.asyncEnd = diagnostics.channel('tracing:zookeeper:request:asyncEnd');
    this.error = diagnostics.channel('tracing:zookeeper:request:error');
  }

  get hasSubscribers(): boolean {
    return (
      this.start.hasSubscribers ||
      this.end.hasSubscribers ||
      this.asyncStart.hasSubscribers ||
      this.asyncEnd.hasSubscribers ||
      this.error.hasSubscribers
    );
  }
}

/** Publishes in the order of `TracingChannel.tracePromise`. */
class RequestTrace implements RequestObserver {
  readonly #message: RequestMessage;
  readonly #channels: RequestChannels;

  constructor(hosts: string, { op, path }: ObservedRequest, channels: RequestChannels) {
    this.#message = { hosts, op, path, xid: 0 };
    this.#channels = channels;
    channels.start.publish(this.#message);
    channels.end.publish(this.#message);
  }

  sent(xid: number): void {
    this.#message.xid = xid;
  }

  ended(error: unknown): void {
    const { asyncStart, asyncEnd, error: failed } = this.#channels;
    if (error !== undefined) {
      this.#message.error = error;
      failed.publish(this.#message);
    }
    asyncStart.publish(this.#message);
    asyncEnd.publish(this.#message);
  }
}
