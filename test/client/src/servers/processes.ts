import { Ensemble } from '@corral-test/ensemble';
import {
  apache38,
  apache39,
  candidate,
  isThere,
  ServerProcess,
  type ServerProgram,
} from '@corral-test/oracle';
import { nodeClock, nodeRandom } from '@corral/runtime/node';
import { tcp } from '@corral/transport-tcp';
import type { Provider } from './servers.ts';

/** What is installed here; what is not is said. */
export function realServers(suite: string): readonly Provider[] {
  const alone = [
    ['Apache 3.8', apache38()],
    ['Apache 3.9', apache39()],
  ] as const;
  const together = [
    ['an ensemble of Corral', candidate()],
    ['an ensemble of Apache 3.9', apache39()],
  ] as const;
  return [
    ...alone.flatMap(([title, program]) =>
      isThere(`${suite}, ${title}`, program) ? [oneServer(title, program)] : [],
    ),
    ...together.flatMap(([title, program]) =>
      isThere(`${suite}, ${title}`, program) ? [threeServers(title, program)] : [],
    ),
  ];
}

const properties = { 'zookeeper.extendedTypesEnabled': 'true' };
const world = { transport: tcp(), clock: nodeClock, random: nodeRandom };

function oneServer(title: string, program: ServerProgram): Provider {
  return {
    title,
    async start() {
      const server = await ServerProcess.start(program, { properties, config: { tickTime: 500 } });
      return {
        hosts: [`127.0.0.1:${server.port}`],
        world,
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
  };
}

function threeServers(title: string, program: ServerProgram): Provider {
  return {
    title,
    async start() {
      const ensemble = await Ensemble.start({ members: [program, program, program], properties });
      return {
        hosts: ensemble.members.map(({ port }) => `127.0.0.1:${port}`),
        world,
        async loseLeader() {
          const leader = await ensemble.leader();
          await leader.kill();
          await ensemble.leader();
          await leader.start();
        },
        [Symbol.asyncDispose]: () => ensemble[Symbol.asyncDispose](),
      };
    },
  };
}
