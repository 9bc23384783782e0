/**
 * What a program said about each of its cases: a line `ok NAME`, or `FAILED NAME: why`.
 * The value is `ok`, or the reason.
 */
export function readVerdicts(output: string): ReadonlyMap<string, string> {
  const verdicts = new Map<string, string>();
  for (const line of output.split('\n')) {
    if (line.startsWith('ok ')) verdicts.set(line.slice('ok '.length), 'ok');
    const failure = /^FAILED ([^:]*): (.*)$/.exec(line);
    if (failure !== null) verdicts.set(failure[1]!, failure[2]!);
  }
  return verdicts;
}
