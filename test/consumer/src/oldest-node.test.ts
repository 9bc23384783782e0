import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { npm } from './programs.ts';
import { Stranger } from './stranger.ts';

const timeout = 300_000;
/** The binary in an npm package, so that any registry will do. */
const packageOfNode = `node-${process.platform}-${process.arch}`;
const hasPackage = /^node-(linux-(x64|arm64)|darwin-x64)$/.test(packageOfNode);

const unless = hasPackage ? '' : ` (skipped: there is no ${packageOfNode})`;

/** Run by .ci/run, because it fetches that Node (50 MB). */
describe.skipIf(!hasPackage)(`the oldest Node${unless}`, { timeout }, () => {
  let stranger: Stranger;
  let oldest = '';

  beforeAll(async () => {
    stranger = await Stranger.arrive();
    oldest = stranger.installed[0]?.engines.node.replace('>=', '') ?? '';
    if (oldest.split('.').length === 2) oldest += '.0';
  }, timeout);

  afterAll(() => stranger.leave());

  it('is the one the packages promise to run on: it loads every entry', async () => {
    stranger.writeImportOfEverything('everything.ts');
    stranger.write('oldest.js', "import './everything.js';\nconsole.log(process.version);\n");
    await stranger.compile();

    expect(await onOldestNode('node oldest.js')).toBe(`v${oldest}\n`);
  });

  it('runs the server', async () => {
    const said = await onOldestNode('node node_modules/@corral/app-server/dist/main.js version');

    expect(said).toContain(stranger.installed[0]?.version);
  });

  it('runs the shell, and loads all its commands', async () => {
    const said = await onOldestNode('node node_modules/@corral/app-cli/dist/bundle/main.js help');

    expect(said).toContain('getAllChildrenNumber');
  });

  function onOldestNode(line: string): Promise<string> {
    return npm(
      stranger.project,
      `exec --yes --loglevel=error --package=${packageOfNode}@${oldest} -- ${line}`,
    );
  }
});
