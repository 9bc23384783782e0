import type { Client, Codec } from '@corral/client';
import { joinPath } from './node-path.ts';
import { Queue, type QueueOptions } from './queue.ts';
import {
  delayLayout,
  idLayout,
  kazooLayout,
  plainLayout,
  priorityLayout,
  simpleLayout,
} from './queue-layout.ts';

/** Curator's DistributedQueue: first in, first out. */
export function queue<T>(
  client: Client,
  path: string,
  codec: Codec<T>,
  options: QueueOptions = {},
): Queue<T> {
  return new Queue(client, path, codec, plainLayout, options);
}

/** Curator's DistributedPriorityQueue: the lowest priority first. */
export function priorityQueue<T>(
  client: Client,
  path: string,
  codec: Codec<T>,
  options: QueueOptions = {},
): Queue<T> {
  return new Queue(client, path, codec, priorityLayout, options);
}

/** Curator's DistributedDelayQueue: nothing before its time. The clocks of those who put and take are to agree. */
export function delayQueue<T>(
  client: Client,
  path: string,
  codec: Codec<T>,
  options: QueueOptions = {},
): Queue<T> {
  return new Queue(client, path, codec, delayLayout, options);
}

/** Curator's DistributedIdQueue: items can be removed by their ids. */
export function idQueue<T>(
  client: Client,
  path: string,
  codec: Codec<T>,
  options: QueueOptions = {},
): Queue<T> {
  return new Queue(client, path, codec, idLayout, options);
}

/** Curator's SimpleDistributedQueue: bytes as they are. */
export function simpleQueue<T>(
  client: Client,
  path: string,
  codec: Codec<T>,
  options: QueueOptions = {},
): Queue<T> {
  return new Queue(client, path, codec, simpleLayout, options);
}

/** kazoo's Queue: priorities of 0 to 999. */
export function kazooQueue<T>(
  client: Client,
  path: string,
  codec: Codec<T>,
  options: QueueOptions = {},
): Queue<T> {
  return new Queue(client, path, codec, kazooLayout, options);
}

/** kazoo's LockingQueue: a safe queue, in that layout. */
export function kazooLockingQueue<T>(client: Client, path: string, codec: Codec<T>): Queue<T> {
  const options = { lockPath: joinPath(path, 'taken') };
  return new Queue(client, joinPath(path, 'entries'), codec, kazooLayout, options);
}
