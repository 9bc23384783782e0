export { simulatedRuntime, SimulatedRuntime, type SimulatedRuntimeOptions } from './runtime.ts';
export { SimulatedClock } from './clock.ts';
export { SimulatedRandom } from './random.ts';
