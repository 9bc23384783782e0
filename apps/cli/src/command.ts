import type { Client, Seen } from '@corral/client';
import type { Output } from './output.ts';

/**
 * One command, of the shell and of the command line alike. Its words are read by `parseWords`, help and completion are
 * made from what it says of itself.
 */
export interface Command {
  /** As typed; others than the first are other names for it. The same as in the table of `commands/index.ts`. */
  readonly names: readonly [string, ...string[]];
  readonly group: CommandGroup;
  /** Behind the name, as `zkCli.sh` prints it: `[-s] [-w] [-R] path`. */
  readonly usage: string;
  /** One line of help. */
  readonly summary: string;
  /** As it would be typed, behind `corral`. */
  readonly example?: string;
  readonly flags: readonly Flag[];
  readonly operands: readonly Operand[];
  /** False: it does something while there is no session, too. Default true. */
  readonly needsSession?: boolean;
  /** True: it asks nobody, so no context is looked up for it. Default false. */
  readonly isLocal?: boolean;
  /** @returns the exit code, where that is the answer: of `diff`, of a program that was run */
  run(call: Call): Promise<number | void>;
}

export type CommandGroup =
  | 'zookeeper'
  | 'look'
  | 'change'
  | 'watch'
  | 'move'
  | 'recipes'
  | 'server'
  | 'health'
  | 'comfort'
  | 'shell';

export interface Flag {
  /** With its dashes: `-s`, `--depth`. */
  readonly name: string;
  /** Of its value, where it takes one. */
  readonly value?: string;
  readonly summary: string;
  /** It may be given several times, with a value each. */
  readonly isRepeated?: boolean;
}

export interface Operand {
  readonly name: string;
  /** What completion offers. */
  readonly kind: 'path' | 'data' | 'acl' | 'host' | 'word' | 'file' | 'command' | 'context';
  readonly isOptional?: boolean;
  /** All that follow. */
  readonly isRest?: boolean;
}

/** What was typed, and what the command works with. */
export interface Call {
  readonly words: Words;
  /** @throws CommandError where there is no session, for a command that said that it needs none */
  readonly client: Client;
  readonly out: Output;
  readonly settings: Settings;
  /** Ctrl-C, or the limit of time: whatever takes long ends at it, with its reason. */
  readonly signal: AbortSignal;
  /** The session of the shell, and what may be done to it. */
  readonly connection: ConnectionControl;
  /** Undefined where the command was given on the command line. */
  readonly shell: ShellControl | undefined;
  /**
   * Asks whoever sits there. Only where `settings.isInteractive`.
   * @returns the line without its end; '' where the input has ended
   */
  ask(question: string): Promise<string>;
}

export interface Words {
  has(flag: string): boolean;
  /** Undefined where it was not given. */
  value(flag: string): string | undefined;
  values(flag: string): readonly string[];
  readonly operands: readonly string[];
}

/** Said for all commands: `corral --json ls /`. */
export interface Settings {
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  /** Nothing is changed; what would be is told. */
  readonly isDryRun: boolean;
  /** Questions are asked and lines are drawn over: somebody sits there. */
  readonly isInteractive: boolean;
}

export interface ConnectionControl {
  /** As they were given, with any chroot. */
  readonly hosts: string;
  /** Undefined before `connect` and after `close`. */
  readonly client: Client | undefined;
  /** The same session, seen from the servers' root: `/zookeeper/config` is here even where there is a chroot. */
  readonly serverClient: Client | undefined;
  /**
   * A session beside this one, with other servers or the same, with the same identities; where it expires another takes its
   * place. Whoever opens it closes it.
   */
  open(hosts: string): Client;
  /** The watches that this session's user has left with `-w` and `addWatch`, whose events are shown. */
  readonly watches: ShownWatches;
  connect(hosts: string): Promise<void>;
  close(): Promise<void>;
  /** Whether events of watches are shown as they come (`printwatches`). */
  printsWatches: boolean;
}

/** Java's ZKWatchManager with one watcher for everything: an event is shown once, whatever watches it fires. */
export interface ShownWatches {
  /** A read that leaves a one-shot watch: `client.once`. */
  leave<T>(kind: 'data' | 'children', path: string, read: () => Promise<Seen<T>>): Promise<T>;
  add(kind: 'persistent' | 'persistentRecursive', path: string): Promise<void>;
  /** @throws ZkError NOWATCHER where there is none of the kind */
  remove(path: string, kind: ShownWatchKind | 'any'): Promise<void>;
}

export type ShownWatchKind = 'data' | 'children' | 'persistent' | 'persistentRecursive';

export interface ShellControl {
  /** The lines that were typed, by their number in the prompt. */
  readonly lines: readonly string[];
  /** Runs a line in place of the one that runs now, and puts it into the history in its place. */
  redo(index: number): Promise<void>;
  /** The terminal, where there is one, is the work's alone until that is done: nothing that is typed is read here. */
  lendTerminal<T>(work: () => Promise<T>): Promise<T>;
  /** The shell ends when the command is done. */
  leave(): void;
}
