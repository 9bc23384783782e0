import { type Client, utf8 } from '@corral/client';
import { startTestServer, type TestServer } from '@corral/testing/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noTerminal, Terminal } from '../test/terminal.ts';

const missing = noTerminal();
if (missing !== undefined) console.log(`skipped: a program at a terminal: ${missing}`);

describe.skipIf(missing !== undefined)('a program at a terminal', () => {
  let server: TestServer;
  let other: Client;

  beforeAll(async () => {
    server = await startTestServer();
    other = await server.client();
    await other.create('/a', 'before');
  });

  afterAll(() => server.close());

  it('reads what is typed, in the shell too, which goes on behind it', async () => {
    const editor = `sh -c 'echo type now; read line; echo "$line" > "$0"'`;
    await using terminal = shell({ VISUAL: editor });

    terminal.type('edit /a\r');
    await terminal.until(/\ntype now\r\n/);
    terminal.type('behind\r');
    await terminal.until(/Set \/a, now in version 1\r\n[^]*\) 1\] /);
    terminal.type('get /a\r');

    await terminal.until(/\nbehind\r\n/);
    expect((await other.get('/a', utf8)).data).toBe('behind');
  });

  it('hears of Ctrl-C by itself, and the shell goes on when it has ended', async () => {
    await using terminal = shell({});

    terminal.type('lock /l -- sh -c "trap \'exit 7\' INT; echo holding; while :; do sleep 1; done"\r');
    await terminal.until(/\nholding\r\n/);
    terminal.type('\x03');
    await terminal.until(/\) 1\] /);
    terminal.type('lock --list /l\r');
    await terminal.until(/\) 2\] /);
    terminal.type('ls /l\r');

    expect(await terminal.until(/\n\[.*\]\r\n/)).toContain('\n[]\r\n');
  });

  it('reads what is typed where corral was given one command', async () => {
    await using terminal = new Terminal(
      [
        '-s',
        server.connectString,
        'lock',
        '/once',
        '--',
        'sh',
        '-c',
        'echo type now; read line; echo "<$line>"; exit 5',
      ],
      {},
    );

    await terminal.until(/type now\r\n/);
    terminal.type('words\r');

    await terminal.until(/<words>\r\n/);
    expect(await terminal.ended).toBe(5);
  });

  function shell(environment: NodeJS.ProcessEnv): Terminal {
    return new Terminal(['-s', server.connectString], { CORRAL_HISTORY: '', ...environment });
  }
});
