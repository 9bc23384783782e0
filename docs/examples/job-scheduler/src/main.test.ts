import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startTestServer } from '@corral/testing/node';
import { expect, it } from 'vitest';

it('the program joins, leads, does its jobs, and leaves when it is told to', async () => {
  await using server = await startTestServer();
  const program = spawn(
    process.execPath,
    [join(import.meta.dirname, 'main.ts'), server.connectString, 'ann'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = once(program, 'exit');
  let output = '';

  for await (const chunk of program.stdout) {
    const hadWorked = output.includes('does sweep');
    output += String(chunk);
    if (!hadWorked && output.includes('does sweep')) program.kill('SIGTERM');
  }

  expect(await exited).toEqual([0, null]);
  expect(output).toMatch(/^ann is there\nann, the leader, does sweep of \d{4}-.*\n(.*\n)*ann leaves\n$/);
});
