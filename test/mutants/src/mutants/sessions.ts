import type { Mutant } from '../mutant.ts';

/** Who lives, where, and what ends with them. */
export const sessionMutants: readonly Mutant[] = [
  {
    name: 'ephemerals-outlive-their-session',
    breaks: 'The end of a session leaves its ephemeral nodes.',
    issue: 'ZOOKEEPER-2355',
    edits: [
      {
        file: 'packages/datatree/src/txn-application.ts',
        find: 'this.#changes.closeSession(header.clientId, record?.paths2Delete, header.zxid, observer);',
        replace: '',
      },
    ],
  },
  {
    name: 'expiry-forgets-ephemerals',
    breaks: 'Where a session expires, the nodes that it owned are not found in what is on its way.',
    issue: 'ZOOKEEPER-4541',
    edits: [
      {
        file: 'packages/datatree/src/pending-changes.ts',
        find: 'for (const path of this.#owned.paths(session)) if (this.#isOwned(path, session)) paths.add(path);',
        replace: '',
      },
      {
        file: 'packages/datatree/src/changes.ts',
        find: 'for (const path of left) this.delete(path, zxid, observer);',
        replace: 'void left;',
      },
    ],
  },
  {
    name: 'expiry-too-early',
    breaks: 'A session expires after a sixth of its timeout.',
    edits: [
      {
        file: 'packages/session/src/session-tracker.ts',
        find: 'session.expiryTime = this.#roundUp(this.#timeAt(now) + session.timeoutMs);',
        replace: 'session.expiryTime = this.#roundUp(this.#timeAt(now) + session.timeoutMs / 6);',
      },
    ],
  },
  {
    name: 'signs-of-life-not-told',
    breaks: 'A follower does not tell its leader of whom it has heard.',
    edits: [
      {
        file: 'packages/server/src/ensemble/following.ts',
        find: 'const touched = this.#touched?.take() ?? [];',
        replace: 'const touched = this.#touched?.take().slice(1) ?? [];',
      },
    ],
  },
  {
    name: 'closed-session-goes-on-writing',
    breaks: 'What comes from a session behind its end is done, as long as the end is on its way.',
    issue: 'ZOOKEEPER-1208',
    edits: [
      {
        file: 'packages/server/src/ensemble/learner-requests.ts',
        find: 'if (session.isClosing) return ErrorCode.SESSIONEXPIRED;',
        replace: '',
      },
      {
        file: 'packages/session/src/session-tracker.ts',
        find: 'if (session.isClosing) return false;',
        replace: 'if (session.isClosing) return true;',
      },
    ],
  },
  {
    name: 'moved-session-writes-from-both',
    breaks:
      'What a session has sent to a server is done also where the session has moved on to another meanwhile.',
    edits: [
      {
        file: 'packages/session/src/session.ts',
        find: 'return this.owner === owner;',
        replace: 'return owner !== undefined;',
      },
    ],
  },
  {
    name: 'client-shown-the-past',
    breaks: 'A server takes a client in that has seen more than this server has.',
    edits: [
      {
        file: 'packages/server/src/handshake.ts',
        find: 'if (request.lastZxidSeen > last) {',
        replace: 'if (request.lastZxidSeen < 0) {',
      },
    ],
  },
  {
    name: 'dead-session-taken-over',
    breaks: 'The leader tells a server that a session lives which it is about to close.',
    edits: [
      {
        file: 'packages/server/src/ensemble/learner-requests.ts',
        find: 'const isValid = session !== undefined && !session.isClosing;',
        replace: 'const isValid = session !== undefined;',
      },
    ],
  },
];
