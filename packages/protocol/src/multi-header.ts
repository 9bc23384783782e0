import type { JuteReader, JuteWriter } from '@corral/jute';

/** Before every part of a multi, in both directions; one that is `done` ends it. */
export class MultiHeader {
  type: number;
  done: boolean;
  /** In a response the error of the part; -1 in requests and in the terminator. */
  err: number;

  constructor(type: number, done: boolean, err: number) {
    this.type = type;
    this.done = done;
    this.err = err;
  }

  static read(r: JuteReader): MultiHeader {
    return new MultiHeader(r.readInt(), r.readBool(), r.readInt());
  }

  write(w: JuteWriter): void {
    MultiHeader.writeFields(w, this.type, this.done, this.err);
  }

  static writeFields(w: JuteWriter, type: number, done: boolean, err: number): void {
    w.writeInt(type);
    w.writeBool(done);
    w.writeInt(err);
  }
}
