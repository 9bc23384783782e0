import { createRequire } from 'node:module';
import { join } from 'node:path';
import { connect } from '@corral/client/node';
import type { Contender, ContenderName, Done } from './contender.ts';

/** Connects the client library of that name. Rejects where it is not there, or does not work with this Node. */
export function openContender(name: ContenderName, packages: string, server: string): Promise<Contender> {
  if (name === 'corral') return corral(server);
  return name === 'zookeeper' ? native(packages, server) : callbacks(packages, server);
}

async function corral(server: string): Promise<Contender> {
  const zk = await connect(server, { sessionTimeout: SESSION_TIMEOUT_MS });
  return {
    get: (path, done) => settle(zk.get(path), done),
    set: (path, data, done) => settle(zk.set(path, data), done),
    create: (path, data, done) => settle(zk.create(path, data), done),
    close: () => zk.close(),
  };
}

function settle(promise: Promise<unknown>, done: Done): void {
  // oxlint-disable-next-line promise/no-callback-in-promise -- the others call back, and so it is done for all
  promise.then(() => done(), done);
}

/** https://www.npmjs.com/package/node-zookeeper-client */
async function callbacks(packages: string, server: string): Promise<Contender> {
  const { createClient } = load(packages, 'node-zookeeper-client') as {
    createClient: (hosts: string, options: { sessionTimeout: number }) => CallbackClient;
  };
  const zk = createClient(server, { sessionTimeout: SESSION_TIMEOUT_MS });
  const connected = Promise.withResolvers<void>();
  zk.once('connected', connected.resolve);
  zk.connect();
  await connected.promise;
  return {
    get: (path, done) => zk.getData(path, done),
    set: (path, data, done) => zk.setData(path, data, -1, done),
    create: (path, data, done) => zk.create(path, data, done),
    close: async () => zk.close(),
  };
}

/** https://www.npmjs.com/package/zookeeper: a binding of Apache's C client. */
async function native(packages: string, server: string): Promise<Contender> {
  const ZooKeeper = load(packages, 'zookeeper') as new (config: object) => NativeClient;
  const config = { connect: server, timeout: SESSION_TIMEOUT_MS, debug_level: ERRORS_ONLY };
  const zk = new ZooKeeper(config);
  const connected = Promise.withResolvers<void>();
  zk.once('connect', () => connected.resolve());
  zk.init(config);
  await connected.promise;
  return {
    get: (path, done) => zk.a_get(path, false, outcome(done)),
    set: (path, data, done) => zk.a_set(path, data, -1, outcome(done)),
    create: (path, data, done) => zk.a_create(path, data, 0, outcome(done)),
    close: async () => zk.close(),
  };
}

function outcome(done: Done): (code: number, error: string) => void {
  return (code, error) => done(code === 0 ? undefined : new Error(error));
}

function load(packages: string, name: string): unknown {
  return createRequire(join(packages, 'package.json'))(name);
}

interface CallbackClient {
  once(event: 'connected', listener: () => void): void;
  connect(): void;
  getData(path: string, done: Done): void;
  setData(path: string, data: Uint8Array, version: number, done: Done): void;
  create(path: string, data: Uint8Array, done: Done): void;
  close(): void;
}

interface NativeClient {
  once(event: 'connect', listener: () => void): void;
  init(config: object): void;
  a_get(path: string, watch: boolean, done: (code: number, error: string) => void): void;
  a_set(path: string, data: Uint8Array, version: number, done: (code: number, error: string) => void): void;
  a_create(path: string, data: Uint8Array, flags: number, done: (code: number, error: string) => void): void;
  close(): void;
}

const SESSION_TIMEOUT_MS = 30_000;
/** ZOO_LOG_LEVEL_ERROR. */
const ERRORS_ONLY = 1;
