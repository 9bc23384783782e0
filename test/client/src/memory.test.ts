import { describeClient } from './cases/cases.ts';
import { corralInMemory } from './servers/memory.ts';

describeClient(corralInMemory);
