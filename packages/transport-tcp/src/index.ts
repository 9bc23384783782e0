export { tcp, type TcpOptions } from './tcp.ts';
export { lookUpService, type ServiceAddress, type SrvResolver } from './service.ts';

// For those who write another transport over sockets of Node.
export { plainIp, toTransportError } from './system.ts';
