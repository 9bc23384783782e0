import type { JuteWriter } from '@corral/jute';
import { OpCode } from '@corral/protocol';
import { Operation } from './operation.ts';
import type { WatchRegistration } from './watch-registry.ts';

/** Sets a persistent watch; the registration is the server's, so that again does no harm. */
export class AddWatch extends Operation<void> {
  readonly isRepeatable = true;
  readonly #serverPath: string;
  readonly #mode: number;
  readonly #watch: WatchRegistration;

  constructor(path: string, serverPath: string, mode: number, watch: WatchRegistration) {
    super(OpCode.addWatch, path);
    this.#serverPath = serverPath;
    this.#mode = mode;
    this.#watch = watch;
  }

  write(w: JuteWriter): void {
    w.writeString(this.#serverPath);
    w.writeInt(this.#mode);
  }

  read(): void {
    this.#watch.register();
  }
}

export class RemoveWatches extends Operation<void> {
  readonly isRepeatable = false;
  readonly #serverPath: string;
  readonly #watcherType: number;

  constructor(path: string, serverPath: string, watcherType: number) {
    super(OpCode.removeWatches, path);
    this.#serverPath = serverPath;
    this.#watcherType = watcherType;
  }

  write(w: JuteWriter): void {
    w.writeString(this.#serverPath);
    w.writeInt(this.#watcherType);
  }

  read(): void {}
}
