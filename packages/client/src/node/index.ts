export { connect, type ConnectOptions } from './connect.ts';
export { digestAcl } from './digest-acl.ts';
