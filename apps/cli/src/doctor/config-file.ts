import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isQuorumKey, parseProperties, type Property, QuorumConfig } from '@corral/protocol';
import { CommandError, ExitCode } from '../exit-code.ts';

/** A `zoo.cfg` as it was written: of a key that is there twice, the later one counts. */
export class ConfigFile {
  readonly file: string;
  readonly properties: readonly Property[];
  /** The file that names the members; the same one, unless that says otherwise. */
  readonly memberFile: string;
  /** Undefined where no members are named: one server stands alone. */
  readonly members: QuorumConfig | undefined;
  /** Why the members make no sense. */
  readonly memberProblem: { readonly line: number | undefined; readonly message: string } | undefined;

  /** @throws CommandError where it cannot be read */
  constructor(file: string) {
    this.file = file;
    this.properties = readProperties(file);
    const dynamic = this.value('dynamicConfigFile');
    this.memberFile = dynamic === undefined ? file : resolve(dirname(file), dynamic);
    try {
      const named = (dynamic === undefined ? this.properties : readProperties(this.memberFile)).filter(
        ({ key }) => isQuorumKey(key) && key !== 'version',
      );
      const isEnsemble = named.some(({ key }) => key.startsWith('server.'));
      const members = isEnsemble ? QuorumConfig.fromProperties(named) : undefined;
      // A single server stands alone whatever its line says, unless it may not (QuorumPeerConfig.parseDynamicConfig).
      const isAlone = members?.servers.size === 1 && this.value('standaloneEnabled') !== 'false';
      this.members = isAlone ? undefined : members;
      this.memberProblem = undefined;
    } catch (error) {
      const { line } = error as { line?: number };
      this.members = undefined;
      this.memberProblem = { line, message: (error as Error).message };
    }
  }

  get(key: string): Property | undefined {
    return this.properties.findLast((property) => property.key === key);
  }

  value(key: string): string | undefined {
    return this.get(key)?.value;
  }

  /** Undefined where it is missing, NaN where it is no number. */
  number(key: string): number | undefined {
    const text = this.value(key);
    return text === undefined ? undefined : /^[+-]?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  }

  where(key?: string): string {
    const property = key === undefined ? undefined : this.get(key);
    return property === undefined ? this.file : `${this.file}:${property.line}`;
  }
}

function readProperties(file: string): readonly Property[] {
  try {
    return parseProperties(readFileSync(file, 'latin1')).map(({ key, value, line, endLine }) => ({
      key: key.trim(),
      value: value.trim(),
      line,
      endLine,
    }));
  } catch (error) {
    const message = `${file} cannot be read: ${(error as Error).message}`;
    throw new CommandError(ExitCode.usage, message, { cause: error });
  }
}
