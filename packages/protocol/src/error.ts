/** Why a request was refused: the `err` of a reply (KeeperException.Code). */
export const ErrorCode = {
  OK: 0,
  SYSTEMERROR: -1,
  RUNTIMEINCONSISTENCY: -2,
  DATAINCONSISTENCY: -3,
  CONNECTIONLOSS: -4,
  MARSHALLINGERROR: -5,
  UNIMPLEMENTED: -6,
  OPERATIONTIMEOUT: -7,
  BADARGUMENTS: -8,
  UNKNOWNSESSION: -12,
  NEWCONFIGNOQUORUM: -13,
  RECONFIGINPROGRESS: -14,
  APIERROR: -100,
  NONODE: -101,
  NOAUTH: -102,
  BADVERSION: -103,
  NOCHILDRENFOREPHEMERALS: -108,
  NODEEXISTS: -110,
  NOTEMPTY: -111,
  SESSIONEXPIRED: -112,
  INVALIDCALLBACK: -113,
  INVALIDACL: -114,
  AUTHFAILED: -115,
  SESSIONMOVED: -118,
  NOTREADONLY: -119,
  EPHEMERALONLOCALSESSION: -120,
  NOWATCHER: -121,
  REQUESTTIMEOUT: -122,
  RECONFIGDISABLED: -123,
  SESSIONCLOSEDREQUIRESASLAUTH: -124,
  QUOTAEXCEEDED: -125,
  THROTTLEDOP: -127,
} as const;

export type ErrorName = keyof typeof ErrorCode;
export type ErrorCode = (typeof ErrorCode)[ErrorName];

/** The name of an error number; `UNKNOWN` for a number of a version that knows more than this one. */
export function errorName(code: number): ErrorName | 'UNKNOWN' {
  return NAMES.get(code) ?? 'UNKNOWN';
}

/** An outcome that ZooKeeper has a number for. */
export class ZooKeeperError extends Error {
  readonly code: ErrorName | 'UNKNOWN';
  /** ZooKeeper's number, as it travels. */
  readonly number: number;
  readonly path: string | undefined;

  constructor(number: number, path?: string) {
    const code = errorName(number);
    super(path === undefined ? `${code} (${number})` : `${code} (${number}) for ${path}`);
    this.name = 'ZooKeeperError';
    this.code = code;
    this.number = number;
    this.path = path;
  }
}

const NAMES: ReadonlyMap<number, ErrorName> = new Map(
  (Object.keys(ErrorCode) as ErrorName[]).map((name) => [ErrorCode[name], name]),
);
