import { candidate, freePorts, isThere, ServerProcess } from '@corral-test/oracle';
import { connect } from '@corral/client/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundle } from './bundle.ts';
import { Chromium, chromium } from './chromium.ts';
import { PageServer } from './page-server.ts';

const browser = chromium();
const corral = candidate();
const SUITE = 'the client in a browser';
const subjects = isThere(SUITE, browser) && isThere(SUITE, corral) ? [{ ...browser, corral }] : [];

describe.each(subjects)('a page in Chromium', ({ program, corral: server }) => {
  let script = '';
  beforeAll(async () => void ({ code: script } = await bundle('./page.ts')));

  it('creates, watches, and goes on with its session when the server was killed and is back', async () => {
    await using pages = await PageServer.open(script);
    const { port, config } = await webSocketFor(`http://127.0.0.1:${pages.port}`);
    await using first = await ServerProcess.start(server, { config });
    await using page = new Chromium(program);

    page.show(urlOf(pages, port, 60_000));
    const begun = await pages.until('watching');
    await using before = await connect(`127.0.0.1:${first.port}`);
    await before.set('/page', 'from Node');
    const seen = await pages.until('changed from Node');
    await before.close();
    await using second = await first.restarted('kill');
    const again = await pages.until('resync from Node');
    await using after = await connect(`127.0.0.1:${second.port}`);
    await after.set('/page', 'that is all');
    const end = await pages.until('done');

    expect(begun).toEqual(['created from the page', 'watching']);
    expect(seen).toEqual(['changed from Node']);
    expect(again).toEqual(['suspended', 'connected', 'resync from Node']);
    expect(end.filter((step) => step !== 'closed')).toEqual(['changed that is all', 'done']);
  }, 120_000);

  it('is turned away where its origin is not one that the server names', async () => {
    await using pages = await PageServer.open(script);
    const { port, config } = await webSocketFor(`http://localhost:${pages.port}`);
    await using refusing = await ServerProcess.start(server, { config });
    await using page = new Chromium(program);

    page.show(urlOf(pages, port, 3000));

    await expect(pages.until('watching')).rejects.toThrow('failed ConnectionLossError');
    expect(refusing.log()).toContain('not in corral.webSocketOrigins');
  }, 120_000);
});

describe('Chromium', () => {
  it('is there, or it was said above that it is not', () => {
    expect(browser).toBeDefined();
  });
});

async function webSocketFor(
  origin: string,
): Promise<{ port: number; config: Record<string, string | number> }> {
  const [port] = await freePorts(1);
  return { port: port!, config: { 'corral.webSocketPort': port!, 'corral.webSocketOrigins': origin } };
}

function urlOf(pages: PageServer, webSocketPort: number, connectTimeout: number): string {
  return `http://127.0.0.1:${pages.port}/?server=127.0.0.1:${webSocketPort}&connectTimeout=${connectTimeout}`;
}
