export { webSocket, type WebSocketOptions } from './web-socket.ts';
export { WEB_SOCKET_PROTOCOL, WEB_SOCKET_TOKEN_PREFIX } from './subprotocols.ts';
