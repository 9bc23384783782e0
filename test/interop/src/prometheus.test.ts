import {
  candidate,
  fourLetterWord,
  freePorts,
  isThere,
  type Missing,
  ServerProcess,
} from '@corral-test/oracle';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runProgram } from './run-program.ts';

const suite = "figures in Prometheus' form";
const parser = '/usr/lib/python3/dist-packages/prometheus_client/parser.py';
const library: object | Missing = existsSync(parser) ? {} : { missing: 'python3-prometheus-client' };
const corral = candidate();
const isPossible = isThere(suite, library) && isThere(suite, corral);

/** Reads the text from standard input with Prometheus' own parser, and prints each family's name and kind. */
const program = `
import sys
from prometheus_client.parser import text_string_to_metric_families
for family in text_string_to_metric_families(sys.stdin.read()):
    print(family.name, family.type, len(family.samples))
`;

describe.skipIf(!isPossible)(suite, () => {
  test('on the port of metricsProvider: a real parser reads them, and finds every figure of mntr', async () => {
    const [port] = await freePorts(1);
    await using server = await ServerProcess.start(corral as Exclude<typeof corral, Missing>, {
      config: {
        'metricsProvider.className': 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
        'metricsProvider.httpHost': '127.0.0.1',
        'metricsProvider.httpPort': port!,
      },
    });
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const { code, output } = await runProgram('/usr/bin/python3', ['-c', program], {
      limitMs: 30_000,
      input: text,
    });
    expect([code, output.includes('Traceback')]).toEqual([0, false]);
    const families = new Set(output.split('\n').map((line) => line.split(' ')[0]!));
    const absent = figuresOf(await fourLetterWord(server.port, 'mntr')).filter((name) => !families.has(name));
    expect(absent).toEqual([]);
  });
});

/** Of `mntr`, without the parts of summaries. */
function figuresOf(mntr: string): readonly string[] {
  const names = Array.from(mntr.matchAll(/^zk_(\w+)\t-?[\d.]+$/gm), ([, name]) => name!);
  return [
    ...new Set(
      names.map((name) => name.replace(/^(?:avg|min|max|cnt|sum|p50|p95|p99|p999)_(?!latency$|client_)/, '')),
    ),
  ].filter((name) => !/^max_file_descriptor|^file_descriptor/.test(name));
}
