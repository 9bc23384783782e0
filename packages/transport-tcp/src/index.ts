export { tcp, type TcpOptions } from './tcp.ts';
export { lookUpService, type ServiceAddress, type SrvResolver } from './service.ts';
