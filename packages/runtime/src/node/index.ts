export { nodeRuntime } from './runtime.ts';
export { holdingNodeClock, nodeClock } from './clock.ts';
export { nodeDiagnostics } from './diagnostics.ts';
export { nodeDigests } from './digests.ts';
export { nodeRandom } from './random.ts';
