import type { Mutant } from '../mutant.ts';

/** Watches and their events. */
export const watchMutants: readonly Mutant[] = [
  {
    name: 'event-after-the-reply',
    breaks: 'An event is sent behind the replies of its turn.',
    edits: [
      {
        file: 'packages/server/src/watching.ts',
        find: 'watcher.out.writeRaw(event.encoded);',
        replace:
          'const frame = event.encoded; queueMicrotask(() => { watcher.out.writeRaw(frame); watcher.port.flush(); });',
      },
    ],
  },
  {
    name: 'watch-lost-on-setdata',
    breaks: 'A setData tells nobody, except by the swift way.',
    edits: [
      {
        file: 'packages/datatree/src/changes.ts',
        find: 'observer?.dataChanged(path, zxid, state.acl(node));',
        replace: '',
      },
    ],
  },
  {
    name: 'watch-lost-on-delete',
    breaks: 'A delete tells those who watch the children, and not those who watch the node.',
    edits: [
      {
        file: 'packages/datatree/src/watches.ts',
        find: 'this.#tellData(EventType.NodeDeleted, path);\n    this.#tellChild(EventType.NodeDeleted, path);',
        replace: '',
      },
    ],
  },
  {
    name: 'child-watch-lost',
    breaks:
      'A create tells those who wait for the node, and not those who watch the children of the one above.',
    edits: [
      {
        file: 'packages/datatree/src/watches.ts',
        find: 'this.#send(EventType.NodeCreated, path, zxid, acl);\n    this.#childrenChanged(path, zxid, parentAcl);',
        replace: 'this.#send(EventType.NodeCreated, path, zxid, acl);',
      },
    ],
  },
  {
    name: 'exists-watch-lost',
    breaks: 'Who watches for a node that is not there is not told when it is created.',
    edits: [
      {
        file: 'packages/datatree/src/watches.ts',
        find: 'this.#tellData(EventType.NodeCreated, path);\n    this.#send',
        replace: 'this.#send',
      },
    ],
  },
  {
    name: 'watch-lost-in-multi',
    breaks: 'What a multi changes tells nobody.',
    edits: [
      {
        file: 'packages/datatree/src/txn-application.ts',
        find: 'this.#applyRecord(header, txn.type, txn.record, result, observer);',
        replace: 'this.#applyRecord(header, txn.type, txn.record, result, undefined);',
      },
    ],
  },
  {
    name: 'watch-lost-at-the-end-of-a-session',
    breaks: 'The nodes that go with a session tell nobody.',
    edits: [
      {
        file: 'packages/datatree/src/txn-application.ts',
        find: 'record?.paths2Delete, header.zxid, observer);',
        replace: 'record?.paths2Delete, header.zxid, undefined);',
      },
    ],
  },
  {
    name: 'missed-event-not-made-up-for',
    breaks: 'A client that comes back is not told of what has changed meanwhile.',
    issue: 'ZOOKEEPER-1412',
    edits: [
      {
        file: 'packages/datatree/src/watches.ts',
        find: 'else if (tree.mzxid(node) > relativeZxid) this.#replay(connection, EventType.NodeDataChanged, path);',
        replace: '',
      },
    ],
  },
];
