import { expect, it } from 'vitest';
import { examplesOf } from './examples.ts';

const fence = '```';

it('an example is a ts block, with the text block after it as its output', () => {
  const markdown = `# Title\n\n${fence}ts\nrun();\n${fence}\n\nprints\n\n${fence}text\nit ran\n${fence}\n`;

  expect(examplesOf('README.md', markdown)).toEqual([
    { file: 'README.md', line: 3, code: 'run();\n', output: 'it ran\n' },
  ]);
});

it('an example followed by anything but a text block has no expected output', () => {
  const markdown = `${fence}ts\nrun();\n${fence}\n${fence}sh\nls\n${fence}\n${fence}text\nother\n${fence}\n`;

  expect(examplesOf('README.md', markdown)).toEqual([
    { file: 'README.md', line: 1, code: 'run();\n', output: undefined },
  ]);
});

it('blocks of other languages are no examples', () => {
  expect(examplesOf('README.md', `${fence}sh\nls\n${fence}\n${fence}\nplain\n${fence}\n`)).toEqual([]);
});
