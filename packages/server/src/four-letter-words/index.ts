export { fourLetterWordOf } from './access.ts';
export { answerFourLetterWord, type FourLetterAnswer } from './answer.ts';
export { metricFamilies } from './families.ts';
export { type MonitorFigure, monitorFigures } from './mntr.ts';
export { APACHE_VERSION, fullVersion } from './version.ts';
export type {
  AdminStanding,
  ConnectionView,
  DigestView,
  EnsembleView,
  ExpiryView,
  LatencyView,
  LeaderView,
  TopEntry,
  TopView,
  ServerMode,
  ServerView,
  StandingView,
  WatchesView,
} from './server-view.ts';
