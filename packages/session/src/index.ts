export { SessionTracker, type SessionTrackerOptions } from './session-tracker.ts';
export { Session } from './session.ts';
export { initialSessionId, nextSessionId, sessionIdToHex } from './session-id.ts';
export { apachePassword, keyedPassword, PASSWORD_LENGTH, type Hmac } from './password.ts';
export { negotiateTimeout } from './timeout.ts';
