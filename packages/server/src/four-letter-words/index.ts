export { fourLetterWordOf, isAnswered, refusal } from './access.ts';
export { answerFourLetterWord, type FourLetterAnswer } from './answer.ts';
export { fourLetterWords, NOT_SERVING, type FourLetterWord, type FourLetterWordName } from './words.ts';
export { APACHE_VERSION, fullVersion } from './version.ts';
export type {
  ConnectionView,
  DigestView,
  ExpiryView,
  LatencyView,
  ServerMode,
  ServerView,
  WatchesView,
} from './server-view.ts';
