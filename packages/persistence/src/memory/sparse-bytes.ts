/**
 * The content of a file: pages of 4 KiB, none where only zeros are, so that 64 MiB of padding cost nothing. Pages are
 * never changed once they are there, so a copy shares them.
 */
export class SparseBytes {
  length = 0;
  readonly #pages: Map<number, Uint8Array> = new Map();

  copy(): SparseBytes {
    const copy = new SparseBytes();
    copy.length = this.length;
    for (const [index, page] of this.#pages) copy.#pages.set(index, page);
    return copy;
  }

  write(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length;) {
      const at = position + done;
      const inPage = at % PAGE_BYTES;
      const count = Math.min(PAGE_BYTES - inPage, bytes.length - done);
      this.#changePage((at - inPage) / PAGE_BYTES, bytes.subarray(done, done + count), inPage);
      done += count;
    }
    this.length = Math.max(this.length, position + bytes.length);
  }

  read(into: Uint8Array, position: number): number {
    const total = Math.max(Math.min(into.length, this.length - position), 0);
    for (let done = 0; done < total;) {
      const at = position + done;
      const inPage = at % PAGE_BYTES;
      const count = Math.min(PAGE_BYTES - inPage, total - done);
      const page = this.#pages.get((at - inPage) / PAGE_BYTES);
      if (page === undefined) into.fill(0, done, done + count);
      else into.set(page.subarray(inPage, inPage + count), done);
      done += count;
    }
    return total;
  }

  truncate(length: number): void {
    for (const index of this.#pages.keys()) if (index * PAGE_BYTES >= length) this.#pages.delete(index);
    const last = Math.floor(length / PAGE_BYTES);
    const page = this.#pages.get(last);
    if (page !== undefined) this.#pages.set(last, page.slice().fill(0, length % PAGE_BYTES));
    this.length = length;
  }

  #changePage(index: number, bytes: Uint8Array, at: number): void {
    const old = this.#pages.get(index);
    if (old === undefined && bytes.every((byte) => byte === 0)) return;
    const page = old?.slice() ?? new Uint8Array(PAGE_BYTES);
    page.set(bytes, at);
    this.#pages.set(index, page);
  }
}

const PAGE_BYTES = 4096;
