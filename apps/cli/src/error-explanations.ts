import { ErrorCode, type ErrorName } from '@corral/protocol';
import { closest } from './closest.ts';
import { CommandError, ExitCode } from './exit-code.ts';

export interface Explanation {
  readonly name: ErrorName;
  readonly code: number;
  readonly means: string;
  readonly todo: string;
}

/**
 * By number (`-101`), name in any spelling (`NONODE`, `NoNode`, `NoNodeException`, `ZNONODE`), or a line of a log that has it.
 *
 * @throws CommandError where nothing is known by it
 */
export function explanationOf(text: string): Explanation {
  const name = nameIn(text);
  if (name !== undefined) {
    const [means, todo] = EXPLANATIONS[name];
    return { name, code: ErrorCode[name], means, todo };
  }
  const meant = closest(text.toUpperCase(), NAMES);
  const hint =
    meant === undefined ? 'a name such as NoNode, or a number such as -101' : `did you mean ${meant}?`;
  throw new CommandError(ExitCode.usage, `no error is called ${text}; ${hint}`);
}

export function allExplanations(): readonly Explanation[] {
  return NAMES.map(explanationOf);
}

function nameIn(text: string): ErrorName | undefined {
  const number = /^-?\d{1,3}$/.test(text) ? -Math.abs(Number(text)) : undefined;
  if (number !== undefined) return NAMES.find((name) => ErrorCode[name] === number);
  const words = text.toUpperCase().split(/[^A-Z]+/);
  // Java's and C's names of them, and the two words of `Session expired`.
  const spellings = [...words, ...words.map((word, index) => word + (words[index + 1] ?? ''))];
  const plain = new Set(spellings.map(withoutAffixes));
  return NAMES.find((name) => plain.has(withoutAffixes(name)));
}

function withoutAffixes(word: string): string {
  return word.replace(/^Z(?=[A-Z])/, '').replace(/(EXCEPTION|ERROR)$/, '');
}

/** What it means, and what to do. */
const EXPLANATIONS: Readonly<Record<ErrorName, readonly [means: string, todo: string]>> = {
  OK: ['It was done.', 'Nothing.'],
  SYSTEMERROR: ['The server failed of something of its own.', 'Its log says of what.'],
  RUNTIMEINCONSISTENCY: [
    'An operation of a transaction was not looked at, because one before it was refused.',
    'Look for the one that was.',
  ],
  DATAINCONSISTENCY: ['The server has found its data at odds with themselves.', 'Its log says where.'],
  CONNECTIONLOSS: [
    'The connection was lost before the answer: a write may have happened or not. Or no server was reached.',
    'Read what is there before it is done again. Where it happens often: `corral status`, the log of the servers, the network.',
  ],
  MARSHALLINGERROR: [
    'A request or an answer could not be read: a client and a server of different minds, or not ZooKeeper at all.',
    'Compare versions, and jute.maxbuffer on both sides.',
  ],
  UNIMPLEMENTED: [
    'The server does not know the operation: it is older, or is not configured to allow it.',
    'Time to live wants zookeeper.extendedTypesEnabled=true; containers and reconfig 3.5, recursive watches 3.6.',
  ],
  OPERATIONTIMEOUT: ['It took longer than it was given.', 'Look at the load of the servers: `corral mntr`.'],
  BADARGUMENTS: [
    'The server will not take a path, a name or a number as it is.',
    'Paths begin with / and do not end with it; no name is . or ..; / itself cannot be deleted.',
  ],
  UNKNOWNSESSION: ['The server has no such session.', 'It has expired or was closed: begin another.'],
  NEWCONFIGNOQUORUM: [
    'Of the new configuration no quorum is connected and up to date.',
    'Start the new servers, wait until they follow (`corral status`), and reconfigure again.',
  ],
  RECONFIGINPROGRESS: ['Another reconfiguration is under way.', 'Wait for it.'],
  APIERROR: ['What was asked for makes no sense.', 'See the documentation of the client.'],
  NONODE: [
    'The node is not there; of a create: its parent is not.',
    'Look with `corral ls`. A chroot in the connect string is put before every path.',
  ],
  NOAUTH: [
    'The ACL does not allow it to any identity of this session.',
    '`corral acl explain PATH` says who may; `--auth digest:user:password` proves an identity.',
  ],
  BADVERSION: [
    'The node, or its ACL, has another version than was asked for: somebody has changed it.',
    'Read it again, and decide again.',
  ],
  NOCHILDRENFOREPHEMERALS: ['An ephemeral node has no children.', 'Make a persistent node for them.'],
  NODEEXISTS: ['There is a node already.', 'Set it, or take another path.'],
  NOTEMPTY: ['The node has children.', '`corral rm -r` deletes them, too.'],
  SESSIONEXPIRED: [
    'Nothing was heard of the client for its timeout, as the servers reckon: its ephemeral nodes and watches are gone.',
    'Begin another session. Where it happens often: collections of garbage, a machine that stands still, a timeout that is too short.',
  ],
  INVALIDCALLBACK: ['The client was given a callback that is none.', 'A mistake in the program.'],
  INVALIDACL: [
    'The ACL is empty, or an entry is none; `auth` is refused to whoever has proved no identity.',
    'scheme:id:perms, as in world:anyone:r; addauth before auth::cdrwa.',
  ],
  AUTHFAILED: [
    'An identity was refused: an unknown scheme, or a wrong secret. The session is over.',
    'Look at --auth; of SASL the log of the server says more.',
  ],
  SESSIONMOVED: [
    'The session goes on with another server, and this one was asked late.',
    'Clients do not see it unless two programs use one session.',
  ],
  NOTREADONLY: [
    'A write was sent to a server that has lost its quorum and only reads.',
    'Wait for a quorum: `corral status`.',
  ],
  EPHEMERALONLOCALSESSION: [
    'A local session cannot have ephemeral nodes.',
    'localSessionsUpgradingEnabled=true lets it become a global one.',
  ],
  NOWATCHER: ['There is no such watch.', 'It was a one-shot watch that has fired, or is of another kind.'],
  REQUESTTIMEOUT: [
    'The server did not answer in time, and the connection was given up: a write may have happened or not.',
    'Read what is there before it is done again.',
  ],
  RECONFIGDISABLED: ['The server takes no reconfigurations.', 'reconfigEnabled=true in zoo.cfg.'],
  SESSIONCLOSEDREQUIRESASLAUTH: [
    'The server wants clients to prove who they are, and this one has not: the session was closed.',
    'See enforce.auth.enabled and enforce.auth.schemes of the server.',
  ],
  QUOTAEXCEEDED: [
    'A hard quota would be exceeded.',
    '`corral listquota PATH` shows it, `corral setquota` changes it.',
  ],
  THROTTLEDOP: [
    'The server has too much to do and refused it unread.',
    'Ask less, or again later; the server has requestThrottler* and throttledOpWaitTime.',
  ],
};

const NAMES = Object.keys(ErrorCode) as readonly ErrorName[];
