import { simulate, type SimulationOptions } from '@corral/testing';

const options = JSON.parse(process.argv[2]!) as SimulationOptions;
console.log((await simulate(options)).hash);
