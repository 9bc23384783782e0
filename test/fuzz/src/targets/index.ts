import type { Target } from '../target.ts';
import { adminPort } from './admin-port.ts';
import { clientReplies, clientRequests, frames } from './client.ts';
import { clientPort } from './client-port.ts';
import { dynamicConfigs, zooCfg } from './config-files.ts';
import { exportFiles } from './export-files.ts';
import { memberPorts } from './member-ports.ts';
import { configs, initialMessages, leader, learner, notifications, quorumPackets } from './quorum.ts';
import {
  epochFiles,
  gzipSnapshots,
  logFiles,
  plainSnapshots,
  snappySnapshots,
  snapshotBodies,
  syncedMarks,
} from './storage.ts';
import { transactions } from './transactions.ts';
import { webSocketPort } from './web-socket-port.ts';

export const targets: readonly Target[] = [
  frames,
  clientRequests,
  clientReplies,
  clientPort,
  memberPorts,
  initialMessages,
  notifications,
  quorumPackets,
  learner,
  leader,
  configs,
  transactions,
  snapshotBodies,
  logFiles,
  plainSnapshots,
  gzipSnapshots,
  snappySnapshots,
  epochFiles,
  syncedMarks,
  zooCfg,
  dynamicConfigs,
  exportFiles,
  adminPort,
  webSocketPort,
];
