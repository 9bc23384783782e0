import { addWatch, alone, type Case, children, create, get, on, ping } from './case.ts';
import type { Step, WordForm } from '../play/step.ts';

const inUse: readonly Step[] = [
  ...alone(create('/a', 'x'), create('/e', 'x', 1), get('/a', true), children('/', true), addWatch('/a', 1)),
  { do: 'connect', conn: 1 },
  ...on(1, get('/a', true), ping),
];

function answerTo(word: string, keep: WordForm, more: Partial<Case> = {}): Case {
  return {
    name: `the word ${word}: ${keep === 'text' ? 'its text' : `its ${keep}`}`,
    steps: [...inUse, { do: 'word', word, keep }],
    fresh: true,
    ...more,
  };
}

/** protocol-notes 16: the words of four letters on the client port. */
export const words: readonly Case[] = [
  answerTo('ruok', 'text'),
  answerTo('isro', 'text'),
  answerTo('crst', 'text'),
  answerTo('srst', 'text'),
  answerTo('wchs', 'text'),
  answerTo('wchp', 'form'),
  answerTo('wchc', 'form'),
  answerTo('conf', 'form'),
  answerTo('cons', 'form'),
  answerTo('dump', 'form'),
  answerTo('hash', 'form'),
  answerTo('dirs', 'form'),
  answerTo('stat', 'form'),
  answerTo('srvr', 'form'),
  answerTo('gtmk', 'form'),
  answerTo('envi', 'names', { differs: 'one name more', ours: /^node\.version$/m }),
  answerTo('mntr', 'names', {
    differs: 'no figures by the first part of the path; one more for refused requests',
    ours: /^zk_requests_refused$/m,
    in38: 'fewer figures',
  }),
  answerTo('zzzz', 'text'),
  answerTo('stmk', 'text'),
  {
    name: 'a word that is not in the list is refused by name',
    server: { config: { '4lw.commands.whitelist': 'srvr' } },
    steps: ['crst', 'srst'].map((name) => ({ do: 'word', word: name }) as const),
  },
  {
    name: 'a word that only reads is answered on loopback though it is not in the list',
    server: { config: { '4lw.commands.whitelist': 'srvr' } },
    steps: [{ do: 'word', word: 'wchs' }],
    differs: 'Apache refuses it',
    ours: /0 connections watching 0 paths/,
  },
  {
    name: 'the figures begin anew with crst and srst',
    fresh: true,
    steps: [
      ...inUse,
      { do: 'word', word: 'srst' },
      { do: 'word', word: 'crst' },
      { do: 'word', word: 'srvr', keep: 'form' },
      { do: 'word', word: 'cons', keep: 'form' },
    ],
  },
];
