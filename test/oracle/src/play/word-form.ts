import type { WordForm } from './step.ts';

/** The answer to a four-letter word, as far as it is compared. */
export function kept(answer: string, form: WordForm = 'text'): string {
  if (form === 'text') return JSON.stringify(answer);
  const lines = answer.split('\n').map(form === 'names' ? nameOf : formOf);
  return [...new Set(lines.toSorted())].join('\n');
}

function nameOf(line: string): string {
  return line.replace(/[=\t{].*/, '');
}

function formOf(line: string): string {
  return line
    .replace(/Zookeeper version: .*/, 'Zookeeper version: V')
    .replace(/expire at .*:$/, 'expire at D:')
    .replace(/=\/.*/, '=/F')
    .replaceAll(/0x[0-9a-f]+/g, '0xN')
    .replaceAll(/-?\d+(\.\d+)*/g, 'N');
}
