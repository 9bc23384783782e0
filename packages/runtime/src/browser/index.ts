export { browserClock } from './clock.ts';
export { browserRandom } from './random.ts';
