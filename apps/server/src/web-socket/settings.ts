/** `corral.webSocket*` keys. */
export interface WebSocketSettings {
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly origins: readonly string[];
  readonly requireOrigin: boolean;
  readonly token: string | undefined;
  readonly connectionsMax: number;
}

/** For this machine only, and for no page of a browser. */
export const defaultWebSocketSettings: WebSocketSettings = {
  address: '127.0.0.1',
  port: 0,
  origins: [],
  requireOrigin: false,
  token: undefined,
  connectionsMax: 1000,
};
