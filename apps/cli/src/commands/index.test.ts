import { describe, expect, it } from 'vitest';
import { usageOf } from '../parse-words.ts';
import { commands } from './index.ts';

const loaded = await Promise.all(commands.map(async (entry) => ({ entry, command: await entry.load() })));

describe('the table of commands', () => {
  it('has every command of zkCli.sh 3.9', () => {
    const names = commands.flatMap((entry) => entry.names);

    expect(names).toEqual(
      expect.arrayContaining(
        `addauth addWatch close config connect create delete deleteall delquota exit get getAcl
        getAllChildrenNumber getEphemerals history listquota ls printwatches quit reconfig redo removewatches set
        setAcl setquota stat sync version whoami`.split(/\s+/),
      ),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(loaded.map(({ entry, command }) => [usageOf(command), entry, command] as const))(
    'finds what it says: %s',
    (_, entry, command) => {
      expect(command.names).toEqual(entry.names);
      expect(command.summary).not.toBe('');
      for (const flag of command.flags) expect(flag.name).toMatch(/^--?[a-zA-Z?]/);
    },
  );
});
