import { acls } from './acls.ts';
import type { Case } from './case.ts';
import { framing } from './framing.ts';
import { multis } from './multis.ts';
import { nodes } from './nodes.ts';
import { quotas } from './quotas.ts';
import { sessions } from './sessions.ts';
import { watches } from './watches.ts';
import { words } from './words.ts';

export const tables: Readonly<Record<string, readonly Case[]>> = {
  framing,
  sessions,
  nodes,
  acls,
  watches,
  multis,
  quotas,
  words,
};
