import type { Client } from '@corral/client';
import { connect } from '@corral/client/node';
import type { Server } from '@corral/server';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serving } from '../../test/serving.ts';
import { noTerminal, Terminal } from '../../test/terminal.ts';

const reason = noTerminal();
if (reason !== undefined) console.log(`skipped: the shell at a terminal: ${reason}`);

const UP = '\u001B[A';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';

describe.runIf(reason === undefined)('the shell at a terminal', () => {
  let server: Server;
  let hosts: string;
  let other: Client;
  let folder: string;

  beforeAll(async () => {
    ({ server, hosts } = await serving());
    other = await connect(hosts);
    for (const path of ['/app', '/app/first', '/app/second', '/apple'])
      await other.create(path, `of ${path}`);
    folder = mkdtempSync(join(tmpdir(), 'corral-shell-'));
  });

  afterAll(async () => {
    await other.close();
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it('shows host, state and number in its prompt, and counts what is typed', async () => {
    await using terminal = open();

    await terminal.until(prompt(0));
    terminal.type('ls /app\r');
    expect(await terminal.until(prompt(1))).toContain('[first, second]');
    terminal.type('\r');
    await terminal.until(prompt(1));
  });

  it('completes commands, flags, and paths of nodes', async () => {
    await using terminal = open();
    await terminal.until(prompt(0));

    terminal.type('getAll\t');
    await terminal.until(/getAllChildrenNumber /);
    terminal.type('/apple\r');
    expect(await terminal.until(prompt(1))).toMatch(/apple\s+0\s/);
    terminal.type('get /app/f\t');
    await terminal.until(/\/app\/first/);
    terminal.type('\r');
    expect(await terminal.until(prompt(2))).toContain('of /app/first');
    for (const [typed, offered] of [
      ['ls /app', /app\s+apple/],
      ['removewatches -', /-a\s+-c\s+-d/],
      ['help get', /getAcl\s+getAllChildrenNumber/],
      ['tail -', /--dry-run\s+--json\s+--quiet\s+-n\s+-r/],
      ['completion ', /bash\s+fish\s+zsh/],
    ] as const) {
      terminal.type(`${CTRL_U}${typed}\t`);
      await terminal.until(new RegExp(`\\] ${typed}`));
      terminal.type('\t');
      await terminal.until(offered);
    }
  });

  it('has a history, in this shell and the next, without passwords', async () => {
    {
      await using terminal = open();
      await terminal.until(prompt(0));
      terminal.type('get /apple\r');
      await terminal.until(prompt(1));
      terminal.type('addauth digest me:secret\r');
      await terminal.until(prompt(2));
      terminal.type(`${UP}${UP}\r`);
      expect(await terminal.until(prompt(3))).toMatch(/get \/apple\s+of \/apple\s/);
      terminal.type(CTRL_D);
      expect(await terminal.ended).toBe(0);
    }
    await using next = open();
    await next.until(prompt(0));

    next.type(`${UP}\r`);

    expect(await next.until(prompt(1))).toMatch(/get \/apple\s+of \/apple\s/);
    expect(readFileSync(join(folder, 'history'), 'utf8')).not.toContain('secret');
  });

  it('shows events above the line that is being typed', async () => {
    await using terminal = open();
    await terminal.until(prompt(0));
    terminal.type('get -w /app/second\r');
    await terminal.until(prompt(1));

    terminal.type('ls /ap');
    await terminal.until(/ls \/ap/);
    await other.set('/app/second', 'changed');

    expect(await terminal.until(/zxid: \d+\s/)).toMatch(
      /WATCHER::\s+WatchedEvent state:SyncConnected type:NodeDataChanged path:\/app\/second zxid: /,
    );
    expect(await terminal.until(/ls \/ap/)).toMatch(prompt(1));
    terminal.type('p\r');
    expect(await terminal.until(prompt(2))).toContain('[first, second]');
  });

  it('goes on in the next line where a quote is open', async () => {
    await using terminal = open();
    await terminal.until(prompt(0));

    terminal.type('set /apple "one\r');
    await terminal.until(/dquote> /);
    terminal.type('two"\r');
    await terminal.until(prompt(1));
    terminal.type('get /apple\r');

    expect(await terminal.until(prompt(2))).toMatch(/one\s+two/);
    await other.set('/apple', 'of /apple');
  });

  it('draws top anew, and comes back to its prompt at Ctrl-C', async () => {
    await using terminal = open();
    await terminal.until(prompt(0));

    terminal.type('top --interval 10 --admin-port 1\r');
    for (let drawn = 0; drawn < 3; drawn++) await terminal.until(new RegExp(`SERVER .*\\s+${hosts} `));
    terminal.type(CTRL_C);

    await terminal.until(/interrupted/);
    terminal.type('get /apple\r');
    expect(await terminal.until(prompt(2))).toContain('of /apple');
  });

  it('ends a command at Ctrl-C, and goes on', async () => {
    await using relay = await Relay.to(hosts);
    await using terminal = open(relay.hosts);
    await terminal.until(prompt(0, relay.hosts));
    relay.hold();

    terminal.type('ls /app\r');
    await relay.held;
    terminal.type(CTRL_C);
    await terminal.until(/interrupted/);
    await terminal.until(prompt(1, relay.hosts));

    relay.release();
    terminal.type('get /apple\r');
    expect(await terminal.until(prompt(2, relay.hosts))).toContain('of /apple');
  });

  it('throws away what was typed at Ctrl-C, and is left by a second one', async () => {
    await using terminal = open();
    await terminal.until(prompt(0));

    terminal.type(`delete /app${CTRL_C}`);
    await terminal.until(/Ctrl-C again, or Ctrl-D, leaves/);
    await terminal.until(prompt(0));
    terminal.type('get /apple\r');
    expect(await terminal.until(prompt(1))).toMatch(/^get \/apple\s+of \/apple/);
    terminal.type(CTRL_C);
    await terminal.until(prompt(1));
    terminal.type(CTRL_C);

    expect(await terminal.ended).toBe(130);
    expect(await other.exists('/app')).not.toBeNull();
  });

  it('is left by Ctrl-D, with the exit code of the last command', async () => {
    await using terminal = open();
    await terminal.until(prompt(0));
    terminal.type('get /nowhere\r');
    await terminal.until(/Node does not exist: \/nowhere/);
    await terminal.until(prompt(1));

    terminal.type(CTRL_D);

    expect(await terminal.ended).toBe(4);
  });

  it('tells in its prompt when the server is away', async () => {
    await using relay = await Relay.to(hosts);
    await using terminal = open(relay.hosts);
    await terminal.until(prompt(0, relay.hosts));

    relay.cut();

    await terminal.until(/state:Disconnected/);
    await terminal.until(/\(CONNECTING\) 0\] /);
    await terminal.until(/state:SyncConnected/);
    expect(await terminal.until(prompt(0, relay.hosts))).toContain('CONNECTED');
  });

  function open(to = hosts): Terminal {
    return new Terminal(['-server', to], { CORRAL_HISTORY: join(folder, 'history') });
  }

  function prompt(count: number, to = hosts): RegExp {
    return new RegExp(`\\[zk: ${to}\\(CONNECTED\\) ${count}\\] `);
  }
});

/** Stands between the shell and the server, and can hold what is asked. */
class Relay implements AsyncDisposable {
  readonly hosts: string;
  readonly #sockets = new Set<Socket>();
  readonly #listener: ReturnType<typeof createServer>;
  #isHolding = false;
  #toSend: (() => void)[] = [];
  #onHeld = (): void => {};
  /** Resolves when something was asked that is held. */
  held: Promise<void> = Promise.resolve();

  static async to(hosts: string): Promise<Relay> {
    const port = Number(hosts.split(':')[1]);
    const listener = createServer();
    await new Promise<void>((resolve) => {
      listener.listen(0, '127.0.0.1', resolve);
    });
    return new Relay(listener, port);
  }

  private constructor(listener: ReturnType<typeof createServer>, port: number) {
    this.#listener = listener;
    this.hosts = `127.0.0.1:${(listener.address() as { port: number }).port}`;
    listener.on('connection', (near) => {
      const far = dial(port, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => {});
        from.once('close', () => to.destroy());
        from.on('data', (chunk) => {
          if (from === far || !this.#isHolding) {
            to.write(chunk);
            return;
          }
          this.#toSend.push(() => to.write(chunk));
          this.#onHeld();
        });
      }
    });
  }

  hold(): void {
    this.#isHolding = true;
    this.held = new Promise((resolve) => {
      this.#onHeld = resolve;
    });
  }

  release(): void {
    this.#isHolding = false;
    for (const send of this.#toSend.splice(0)) send();
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => {
      this.#listener.close(resolve);
    });
  }
}
