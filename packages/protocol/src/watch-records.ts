import type { JuteReader, JuteWriter } from '@corral/jute';

export class SetWatches {
  relativeZxid: number;
  dataWatches: (string | null)[] | null;
  existWatches: (string | null)[] | null;
  childWatches: (string | null)[] | null;

  constructor(
    relativeZxid: number,
    dataWatches: (string | null)[] | null,
    existWatches: (string | null)[] | null,
    childWatches: (string | null)[] | null,
  ) {
    this.relativeZxid = relativeZxid;
    this.dataWatches = dataWatches;
    this.existWatches = existWatches;
    this.childWatches = childWatches;
  }

  static read(r: JuteReader): SetWatches {
    return new SetWatches(r.readLongSaturated(), r.readStrings(), r.readStrings(), r.readStrings());
  }

  write(w: JuteWriter): void {
    w.writeLongNumber(this.relativeZxid);
    w.writeStrings(this.dataWatches);
    w.writeStrings(this.existWatches);
    w.writeStrings(this.childWatches);
  }
}

export class SetWatches2 {
  relativeZxid: number;
  dataWatches: (string | null)[] | null;
  existWatches: (string | null)[] | null;
  childWatches: (string | null)[] | null;
  persistentWatches: (string | null)[] | null;
  persistentRecursiveWatches: (string | null)[] | null;

  constructor(
    relativeZxid: number,
    dataWatches: (string | null)[] | null,
    existWatches: (string | null)[] | null,
    childWatches: (string | null)[] | null,
    persistentWatches: (string | null)[] | null,
    persistentRecursiveWatches: (string | null)[] | null,
  ) {
    this.relativeZxid = relativeZxid;
    this.dataWatches = dataWatches;
    this.existWatches = existWatches;
    this.childWatches = childWatches;
    this.persistentWatches = persistentWatches;
    this.persistentRecursiveWatches = persistentRecursiveWatches;
  }

  static read(r: JuteReader): SetWatches2 {
    return new SetWatches2(
      r.readLongSaturated(),
      r.readStrings(),
      r.readStrings(),
      r.readStrings(),
      r.readStrings(),
      r.readStrings(),
    );
  }

  write(w: JuteWriter): void {
    w.writeLongNumber(this.relativeZxid);
    w.writeStrings(this.dataWatches);
    w.writeStrings(this.existWatches);
    w.writeStrings(this.childWatches);
    w.writeStrings(this.persistentWatches);
    w.writeStrings(this.persistentRecursiveWatches);
  }
}

export class AddWatchRequest {
  path: string | null;
  mode: number;

  constructor(path: string | null, mode: number) {
    this.path = path;
    this.mode = mode;
  }

  static read(r: JuteReader): AddWatchRequest {
    return new AddWatchRequest(r.readString(), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeInt(this.mode);
  }
}

export class CheckWatchesRequest {
  path: string | null;
  type: number;

  constructor(path: string | null, type: number) {
    this.path = path;
    this.type = type;
  }

  static read(r: JuteReader): CheckWatchesRequest {
    return new CheckWatchesRequest(r.readString(), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeInt(this.type);
  }
}

export class RemoveWatchesRequest {
  path: string | null;
  type: number;

  constructor(path: string | null, type: number) {
    this.path = path;
    this.type = type;
  }

  static read(r: JuteReader): RemoveWatchesRequest {
    return new RemoveWatchesRequest(r.readString(), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeInt(this.type);
  }
}

export class WatcherEvent {
  type: number;
  state: number;
  path: string | null;

  constructor(type: number, state: number, path: string | null) {
    this.type = type;
    this.state = state;
    this.path = path;
  }

  static read(r: JuteReader): WatcherEvent {
    return new WatcherEvent(r.readInt(), r.readInt(), r.readString());
  }

  write(w: JuteWriter): void {
    w.writeInt(this.type);
    w.writeInt(this.state);
    w.writeString(this.path);
  }
}
