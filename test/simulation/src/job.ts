import { runSpec, type Spec } from './spec.ts';

/** A process that simulates what it is sent, one after another. */
process.on('message', (spec: Spec) => {
  void answer(spec);
});

async function answer(spec: Spec): Promise<void> {
  const begun = process.cpuUsage();
  const result = await runSpec(spec);
  const { user, system } = process.cpuUsage(begun);
  process.send!({ result, cpuMs: (user + system) / 1000 });
}
