import { ensembleKeys } from './ensemble-keys.ts';
import { honouredKeys } from './keys.ts';

/**
 * The environment variable of each key: `CORRAL_` and the key in capitals, with `_` for a point and between words.
 * `tickTime` is `CORRAL_TICK_TIME`, `4lw.commands.whitelist` is `CORRAL_4LW_COMMANDS_WHITELIST`, `skipACL` is
 * `CORRAL_SKIP_ACL`; our own `corral.log.level` is `CORRAL_LOG_LEVEL`.
 */
export function environmentName(key: string): string {
  const words = key
    .replace(/^corral\./, '')
    .replaceAll('.', '_')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2');
  return `CORRAL_${words.toUpperCase()}`;
}

/** From the variable to the key. */
export const environmentNames: ReadonlyMap<string, string> = new Map(
  Object.keys({ ...honouredKeys, ...ensembleKeys }).map((key) => [environmentName(key), key]),
);
