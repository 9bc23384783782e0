import { utf8 } from '@corral/client';
import { connect } from '@corral/client/browser';

// Runs in the page, which no configuration here knows.
declare const location: { readonly search: string };

const { server, connectTimeout } = Object.fromEntries(new URLSearchParams(location.search));

/** Tells whoever looks on, in order. */
let told = Promise.resolve();
function tell(step: string): void {
  told = told.then(async () => void (await fetch('/told', { method: 'POST', body: step })));
}

async function play(): Promise<void> {
  const zk = await connect(server!, { sessionTimeout: 20_000, connectTimeout: Number(connectTimeout) });
  zk.onState((state) => tell(state));
  await zk.create('/page', 'from the page');
  tell(`created ${(await zk.get('/page', utf8)).data}`);
  const watch = zk.watch('/page');
  await watch.ready;
  tell('watching');
  for await (const { type } of watch) {
    const { data } = await zk.get('/page', utf8);
    tell(`${type} ${data}`);
    if (data === 'that is all') break;
  }
  await zk.close();
  tell('done');
}

play().catch((error: unknown) => tell(`failed ${String(error)}`));
