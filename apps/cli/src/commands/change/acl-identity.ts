import { digestAcl } from '@corral/client';
import { nodeDigests } from '@corral/runtime/node';
import type { Call, Flag } from '../../command.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';

/** Somebody, as entries of ACLs name him. */
export interface Who {
  readonly scheme: string;
  readonly id: string;
}

export const passwordFlag: Flag = {
  name: '--password',
  value: 'text',
  summary: 'who is digest:USER with this password; without it digest:USER:HASH',
};

/** Reads `scheme:id`. @throws CommandError where it is none */
export function identityOf({ words }: Pick<Call, 'words'>, text: string): Who {
  const colon = text.indexOf(':');
  if (colon < 1) throw new CommandError(ExitCode.usage, `${text} does not have the form scheme:id`);
  const [scheme, id] = [text.slice(0, colon), text.slice(colon + 1)];
  const password = words.value(passwordFlag.name);
  if (password === undefined) return { scheme, id };
  if (scheme !== 'digest' || id === '' || id.includes(':'))
    throw new CommandError(ExitCode.usage, `${passwordFlag.name} is for digest:USER`);
  return digestAcl(nodeDigests, id, password);
}
