import { spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Missing } from '@corral-test/oracle';

/** A program of another language that takes part. */
export interface ParticipantProgram {
  readonly name: 'java' | 'python';
  readonly words: readonly string[];
  dispose(): void;
}

/** Debian's; their manifests name what else they need. */
const jars = [
  'curator-client',
  'curator-framework',
  'curator-recipes',
  'curator-x-discovery',
  'guava',
  'slf4j-nop',
  'zookeeper',
  'zookeeper-jute',
].map((name) => `/usr/share/java/${name}.jar`);

const javac = '/usr/bin/javac';

/** Curator, compiled here. */
export function javaParticipant(): ParticipantProgram | Missing {
  const absent = [...jars, javac].find((path) => !existsSync(path));
  if (absent !== undefined) return { missing: `Curator, or what it needs (${absent})` };
  const folder = mkdtempSync(join(tmpdir(), 'corral-participant-'));
  const sources = globSync(join(import.meta.dirname, '../java/*.java'));
  const options = ['-J-Xmx256m', '-J-XX:TieredStopAtLevel=1', '-nowarn', '-d', folder];
  const compiled = spawnSync(javac, [...options, '-cp', jars.join(':'), ...sources], { encoding: 'utf8' });
  if (compiled.status !== 0) throw new Error(compiled.stderr);
  const runOptions = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const words = ['java', ...runOptions, '-cp', [folder, ...jars].join(':'), 'Participant'];
  return { name: 'java', words, dispose: () => rmSync(folder, { recursive: true }) };
}

/** kazoo, by the interpreter that sees Debian's packages. */
export function pythonParticipant(): ParticipantProgram | Missing {
  const path = '/usr/bin/python3';
  if (spawnSync(path, ['-c', 'import kazoo.client']).status !== 0) return { missing: 'python3-kazoo' };
  const script = join(import.meta.dirname, '../python/participant.py');
  return { name: 'python', words: [path, '-B', script], dispose: () => {} };
}

/** One that runs. It is ended with whoever started it. */
export class Participant implements AsyncDisposable {
  readonly name: string;
  /** Rejects when it ends otherwise than by having done everything. */
  readonly failed: Promise<never>;
  readonly #process: ReturnType<typeof spawn>;
  readonly #exited: Promise<void>;
  #output = '';

  constructor(program: ParticipantProgram, words: readonly string[]) {
    this.name = program.name;
    const [command, ...before] = program.words;
    this.#process = spawn(command!, [...before, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#exited = new Promise((resolve) => this.#process.once('close', () => resolve()));
    this.failed = new Promise((_, reject) => {
      this.#process.once('close', (code) => {
        if (code !== 0) reject(new Error(`${program.name} ended with ${code}:\n${this.#output}`));
      });
    });
    this.failed.catch(() => {});
  }

  /** What it has printed. */
  get output(): string {
    return this.#output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }
}
