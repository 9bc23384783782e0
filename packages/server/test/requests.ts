import {
  AddWatchRequest,
  CheckWatchesRequest,
  CreateMode,
  CreateRequest,
  DeleteRequest,
  ExistsRequest,
  GetChildrenRequest,
  GetDataRequest,
  OPEN_ACL_UNSAFE,
  SetDataRequest,
  SyncRequest,
} from '@corral/protocol';
import { ascii } from './test-client.ts';

/** Requests as specs like to write them. */
export const create = (
  path: string,
  data: string | null = '',
  flags: number = CreateMode.PERSISTENT,
): CreateRequest => new CreateRequest(path, data === null ? null : ascii(data), [...OPEN_ACL_UNSAFE], flags);
export const remove = (path: string, version = -1): DeleteRequest => new DeleteRequest(path, version);
export const exists = (path: string, watch = false): ExistsRequest => new ExistsRequest(path, watch);
export const getData = (path: string, watch = false): GetDataRequest => new GetDataRequest(path, watch);
export const setData = (path: string, data: string, version = -1): SetDataRequest =>
  new SetDataRequest(path, ascii(data), version);
export const getChildren = (path: string, watch = false): GetChildrenRequest =>
  new GetChildrenRequest(path, watch);
export const sync = (path: string): SyncRequest => new SyncRequest(path);
export const addWatch = (path: string, mode: number): AddWatchRequest => new AddWatchRequest(path, mode);
export const checkWatches = (path: string, type: number): CheckWatchesRequest =>
  new CheckWatchesRequest(path, type);
