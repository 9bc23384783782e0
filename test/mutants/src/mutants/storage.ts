import type { Mutant } from '../mutant.ts';

/** Logs, snapshots and epochs on disk, and what recovery makes of them. */
export const storageMutants: readonly Mutant[] = [
  {
    name: 'log-not-synced',
    breaks: 'The log calls durable what it has written.',
    edits: [
      {
        file: 'packages/persistence-file/src/log-file-writer.ts',
        find: 'await this.#file.datasync();',
        replace: '',
      },
    ],
  },
  {
    name: 'failed-sync-counts',
    breaks: 'A sync that failed is taken for one that went well.',
    issue: 'ZOOKEEPER-4882',
    edits: [
      {
        file: 'packages/persistence/src/group-sync.ts',
        find: 'this.fail(cause);\n      throw cause;',
        replace: 'void cause;',
      },
    ],
  },
  {
    name: 'log-file-without-an-entry',
    breaks: 'A new log file is written to before its entry in the directory is durable.',
    edits: [
      {
        file: 'packages/persistence-file/src/log-file-writer.ts',
        find: 'await syncDirectory(settings, settings.logDirectory);',
        replace: '',
      },
    ],
  },
  {
    name: 'snapshot-not-synced',
    breaks: 'A snapshot gets its name before its bytes are durable.',
    issue: 'ZOOKEEPER-2872',
    edits: [
      {
        file: 'packages/persistence-file/src/snapshot-writer.ts',
        find: 'await syncFile(this.#settings, this.#file);\n      if (!this.#isOpen)',
        replace: 'if (!this.#isOpen)',
      },
    ],
  },
  {
    name: 'snapshot-without-an-entry',
    breaks: 'A snapshot is taken for durable before its name is.',
    edits: [
      {
        file: 'packages/persistence-file/src/snapshot-writer.ts',
        find: 'await syncDirectory(this.#settings, this.#settings.snapshotDirectory);',
        replace: '',
      },
    ],
  },
  {
    name: 'epoch-rewritten-in-place',
    breaks: 'The file of an epoch is overwritten where it stands.',
    edits: [
      {
        file: 'packages/persistence-file/src/file-epochs.ts',
        find: "const file = await settings.disk.open(`${path}.tmp`, 'create');",
        replace: "const file = await settings.disk.open(path, 'create');",
      },
      {
        file: 'packages/persistence-file/src/file-epochs.ts',
        find: 'await settings.disk.rename(`${path}.tmp`, path);',
        replace: '',
      },
    ],
  },
  {
    name: 'epoch-not-synced',
    breaks: 'The file of an epoch gets its name before its bytes are durable.',
    edits: [
      {
        file: 'packages/persistence-file/src/file-epochs.ts',
        find: 'await syncFile(settings, file);',
        replace: '',
      },
    ],
  },
  {
    name: 'epoch-without-an-entry',
    breaks: 'An epoch is taken for stored before the new name of its file is durable.',
    edits: [
      {
        file: 'packages/persistence-file/src/file-epochs.ts',
        find: 'await settings.disk.rename(`${path}.tmp`, path);\n  await syncDirectory(settings, settings.snapshotDirectory);',
        replace: 'await settings.disk.rename(`${path}.tmp`, path);',
      },
    ],
  },
  {
    name: 'log-opened-without-rewriting',
    breaks: 'What a failed sync has left in the log is believed by the next process, and never made durable.',
    edits: [
      {
        file: 'packages/persistence-file/src/log-recovery.ts',
        find: 'await this.#writeAgain(file, end.offset);',
        replace: '',
      },
    ],
  },
  {
    name: 'torn-tail-stays',
    breaks: 'A torn tail stays behind the end of the log, and new records are written over its beginning.',
    edits: [
      {
        file: 'packages/persistence-file/src/log-recovery.ts',
        find: 'await file.truncate(end.offset);',
        replace: '',
      },
    ],
  },
  {
    name: 'truncation-not-synced',
    breaks: 'A log that was cut is written to before the cut is durable.',
    issue: 'ZOOKEEPER-1489',
    edits: [
      {
        file: 'packages/persistence-file/src/file-log.ts',
        find: 'await file.truncate(point.end);\n      await syncFile(this.#settings, file);',
        replace: 'await file.truncate(point.end);',
      },
    ],
  },
  {
    name: 'last-log-file-ignored',
    breaks: 'Recovery replays all log files but the newest.',
    edits: [
      {
        file: 'packages/persistence/src/memory/memory-log.ts',
        find: 'for (const { name, entries } of this.#medium.durable.segments) {',
        replace: 'for (const { name, entries } of this.#medium.durable.segments.slice(0, -1)) {',
      },
    ],
  },
  {
    name: 'replay-skips-one',
    breaks: 'Recovery does not apply the first transaction behind the snapshot, and does not look for gaps.',
    edits: [
      {
        file: 'packages/server/src/recovery.ts',
        find: 'check.pass(entry);\n    tree.apply(readEntry(entry), undefined);',
        replace: 'if (count > 0 || tree.lastProcessedZxid === 0) tree.apply(readEntry(entry), undefined);',
      },
    ],
  },
  {
    name: 'snapshot-claims-too-much',
    breaks: 'A snapshot is named after the transaction that follows it.',
    issue: 'ZOOKEEPER-1090',
    edits: [
      {
        file: 'packages/server/src/snapshotting.ts',
        find: 'sink = await storage.snapshots.create(image.zxid);',
        replace: 'sink = await storage.snapshots.create(image.zxid + 1);',
      },
    ],
  },
  {
    name: 'fuzzy-snapshot',
    breaks: 'A snapshot has nodes as they are when they are written, some before and some after one multi.',
    issue: 'ZOOKEEPER-3127',
    edits: [
      {
        file: 'packages/datatree/src/tree-state.ts',
        find: 'for (const preserver of this.preservers) preserver.beforeChange(node);',
        replace: '',
      },
    ],
  },
  {
    name: 'snapshot-without-the-newest-session',
    breaks: 'A snapshot lacks the session that was opened last.',
    issue: 'ZOOKEEPER-3144',
    edits: [
      {
        file: 'packages/datatree/src/snapshot-image.ts',
        find: 'this.#sessions = [...tree.sessions];',
        replace: 'this.#sessions = [...tree.sessions].slice(0, -1);',
      },
    ],
  },
];
