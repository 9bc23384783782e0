import { channel } from 'node:diagnostics_channel';
import type { Diagnostics } from '../diagnostics.ts';

export const nodeDiagnostics: Diagnostics = { channel };
