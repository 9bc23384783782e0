// Locks
export { mutex, type Lock, type MutexOptions } from './mutex.ts';
export {
  reentrantMutex,
  type Hold,
  type ReentrantMutex,
  type ReentrantMutexOptions,
  type ReentrantWait,
} from './reentrant-mutex.ts';
export { readWriteLock, type ReadLock, type ReadWait, type ReadWriteLock } from './read-write-lock.ts';
export {
  semaphore,
  semaphoreMutex,
  type Permits,
  type Semaphore,
  type SemaphoreOptions,
} from './semaphore.ts';
export { multiLock, type MultiLease, type MultiLock } from './multi-lock.ts';
export { revoke, type Lease, type LeaseOptions } from './lease.ts';
export type { Participant } from './participant.ts';

// Elections
export { leaderLatch, type LeaderLatch, type LeaderOptions } from './leader-latch.ts';
export { leaderSelector, type LeaderSelector, type SelectorOptions } from './leader-selector.ts';

// Caches
export {
  childrenCache,
  nodeCache,
  treeCache,
  type Cache,
  type CachedNode,
  type CacheEvent,
  type CacheOptions,
} from './cache.ts';

// Meetings
export { barrier, type Barrier } from './barrier.ts';
export { doubleBarrier, type DoubleBarrier } from './double-barrier.ts';

// Values
export { sharedCount, sharedValue, type SharedValue, type Versioned } from './shared-value.ts';
export {
  atomicLong,
  atomicValue,
  type AtomicLong,
  type AtomicLongOptions,
  type AtomicOptions,
  type AtomicValue,
  type Change,
} from './atomic.ts';
export { decimal, int32, int64 } from './number-codec.ts';

// Queues
export {
  delayQueue,
  idQueue,
  kazooLockingQueue,
  kazooQueue,
  priorityQueue,
  queue,
  simpleQueue,
} from './queues.ts';
export type { Queue, QueueOptions } from './queue.ts';
export type { QueueItem } from './queue-item.ts';
export { queueShards, type QueueShards, type QueueShardsOptions } from './queue-shards.ts';
export type { PutOptions } from './queue-layout.ts';

// Nodes that stay
export { persistentNode, type PersistentNode, type PersistentNodeOptions } from './persistent-node.ts';
export { ttlNode, type TtlNode, type TtlNodeOptions } from './ttl-node.ts';
export { joinGroup, type GroupMember, type GroupOptions } from './group-member.ts';

// Discovery
export {
  discovery,
  type Discovery,
  type DiscoveryOptions,
  type Registration,
  type ServiceInstanceInput,
} from './discovery.ts';
export {
  discoveryRest,
  type DiscoveryRestOptions,
  type RestRequest,
  type RestResponse,
} from './discovery-rest.ts';
export type { ProviderOptions, ServiceProvider } from './service-provider.ts';
export { randomly, roundRobin, sticky, type ProviderStrategy } from './provider-strategy.ts';
export {
  instanceCodec,
  uriOf,
  uriSpec,
  type PayloadCodec,
  type ServiceInstance,
  type ServiceType,
  type UriPart,
} from './service-instance.ts';

// A set shared out
export { partition, type Partition, type PartitionOptions, type Share } from './partition.ts';

// Models
export { model, type Model, type Values, type Variables } from './model.ts';

// Rules
export { pathRules, type Allowance, type PathRule } from './path-rules.ts';

// Migrations
export { migrate, type MigrationOptions, type MigrationSet } from './migrate.ts';
export type { MigrationStep } from './migration-step.ts';

// Leases of time
export { timedLease, type TimedLeaseOptions } from './timed-lease.ts';

// What all of them have in common
export { RecipeError, type RecipeErrorCode } from './recipe-error.ts';
export type { WaitOptions } from './wait.ts';
export type { PlatformSignal } from './abort.ts';
