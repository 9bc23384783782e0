import { type Client, type Codec, DataError, utf8 } from '@corral/client';
import { model, type Model } from '@corral/recipes';

/** What is to be done again and again. */
export interface Job {
  readonly everyMs: number;
  /** Milliseconds since 1970. */
  readonly nextAt: number;
}

/** One time that a job is to be done. */
export interface Run {
  readonly job: string;
  /** When it was due. With the job's name it tells one run from all others. */
  readonly dueAt: number;
}

export const jobCodec: Codec<Job> = codecOf<Job>({ everyMs: 'number', nextAt: 'number' });
export const runCodec: Codec<Run> = codecOf<Run>({ job: 'string', dueAt: 'number' });

export function jobsOf(zk: Client): Model<'/scheduler/jobs/{name}', Job> {
  return model(zk, '/scheduler/jobs/{name}', jobCodec);
}

/** Where the leader puts runs, and workers take them. */
export const RUNS = '/scheduler/runs';
/** Where a worker locks the run that it has taken. */
export const TAKEN = '/scheduler/taken';

/** JSON whose fields are looked at: with a library of Standard Schema, `json(schema)` of `@corral/client` does this. */
function codecOf<T extends object>(fields: Readonly<Record<keyof T, 'number' | 'string'>>): Codec<T> {
  return {
    encode: (value) => utf8.encode(JSON.stringify(value)),
    decode: async (data, path) => {
      const value = JSON.parse(await utf8.decode(data, path)) as Record<string, unknown> | null;
      const wrong = Object.entries(fields).filter(([name, type]) => typeof value?.[name] !== type);
      if (wrong.length > 0)
        throw new DataError(
          path,
          wrong.map(([name, type]) => `${name}: no ${String(type)}`),
        );
      return value as T;
    },
  };
}
