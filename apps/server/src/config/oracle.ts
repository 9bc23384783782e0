import { readFileSync } from 'node:fs';

/**
 * Whether one of two voters may go on alone: somebody outside writes a file, whose first character `1` says so
 * (`QuorumOracleMaj.askOracle`). A file that cannot be read says no.
 */
export function oracleOf(file: string): () => boolean {
  return () => {
    try {
      return readFileSync(file, 'latin1').startsWith('1');
    } catch {
      return false;
    }
  };
}
