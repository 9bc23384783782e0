import type { ServiceInstance } from './service-instance.ts';

/** Which of the instances, of which there is at least one, is next. One object serves one provider. */
export interface ProviderStrategy {
  pick<P>(instances: readonly ServiceInstance<P>[], below: (bound: number) => number): ServiceInstance<P>;
}

/** One after the other. */
export function roundRobin(): ProviderStrategy {
  let next = 0;
  return { pick: (instances) => instances[next++ % instances.length]! };
}

export function randomly(): ProviderStrategy {
  return { pick: (instances, below) => instances[below(instances.length)]! };
}

/** The same as long as it is there; then another, as the strategy within says. */
export function sticky(within: ProviderStrategy = roundRobin()): ProviderStrategy {
  let id: string | undefined;
  return {
    pick: (instances, below) => {
      const mine = instances.find((instance) => instance.id === id) ?? within.pick(instances, below);
      ({ id } = mine);
      return mine;
    },
  };
}
