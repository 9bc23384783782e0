import { Player } from '../play/player.ts';
import type { Operation } from '../wire/operation.ts';
import type { Step } from '../play/step.ts';

/** The digest of `super:test`. */
export const superDigest = 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=';

/** Deletes all that a case has left behind, so that the next one finds the server as if it were new. */
export async function wipe(port: number): Promise<void> {
  const player = new Player(port);
  const ask = async (...ops: Operation[]): Promise<string> =>
    (await player.play(ops.map((op): Step => ({ do: 'send', conn: 0, ops: [op] })))).streams
      .get('c0')!
      .at(-1)!.text;
  await player.play([{ do: 'connect', conn: 0 }]);
  await ask({ op: 'auth', scheme: 'digest', token: 'super:test' }, { op: 'ping' });
  const below = async (path: string): Promise<void> => {
    const answer = await ask({ op: 'getChildren', path: path === '' ? '/' : path, watch: false });
    for (const [, name] of answer.matchAll(/="((?:[^"\\]|\\.)*)"/g)) {
      const child = `${path}/${JSON.parse(`"${name}"`)}`;
      await below(child);
      if (!builtIn.has(child)) await ask({ op: 'delete', path: child, version: -1 });
    }
  };
  await below('');
  await ask({ op: 'closeSession' });
  await player.end();
}

const builtIn: ReadonlySet<string> = new Set(['/zookeeper', '/zookeeper/config', '/zookeeper/quota']);
