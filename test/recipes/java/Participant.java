import static java.util.concurrent.TimeUnit.SECONDS;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.atomic.AtomicValue;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderSelector;
import org.apache.curator.framework.recipes.leader.LeaderSelectorListenerAdapter;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.queue.DistributedPriorityQueue;
import org.apache.curator.framework.recipes.queue.DistributedQueue;
import org.apache.curator.framework.recipes.queue.QueueBuilder;
import org.apache.curator.framework.recipes.queue.QueueConsumer;
import org.apache.curator.framework.recipes.queue.QueueSerializer;
import org.apache.curator.framework.recipes.queue.QueueSharder;
import org.apache.curator.framework.recipes.queue.QueueSharderPolicies;
import org.apache.curator.framework.recipes.queue.SimpleDistributedQueue;
import org.apache.curator.framework.recipes.shared.SharedCount;
import org.apache.curator.framework.recipes.shared.VersionedValue;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.RetryNTimes;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;
import org.apache.zookeeper.CreateMode;

/** Takes part in every scenario, in the order that it is given: {@code Participant HOST:PORT ROUNDS SCENARIO...}. */
public final class Participant {
    private static final String ME = "java";
    private static final int LIMIT_SECONDS = 40;

    private interface Scenario {
        void run() throws Exception;
    }

    private final CuratorFramework zk;
    private final int rounds;
    private final Map<String, Scenario> scenarios = new LinkedHashMap<>();

    private Participant(String address, int rounds) throws Exception {
        this.rounds = rounds;
        zk = CuratorFrameworkFactory.newClient(address, 20_000, 20_000, new RetryNTimes(20, 100));
        zk.start();
        zk.blockUntilConnected(20, SECONDS);
        scenarios.put("lock", this::lock);
        scenarios.put("read-write-lock", this::readWriteLock);
        scenarios.put("semaphore", this::semaphore);
        scenarios.put("election", this::election);
        scenarios.put("latch", this::latch);
        scenarios.put("barrier", this::barrier);
        scenarios.put("double-barrier", this::doubleBarrier);
        scenarios.put("count", this::count);
        scenarios.put("atomic-long", this::atomicLong);
        scenarios.put("queue", this::queue);
        scenarios.put("item-queue", this::itemQueue);
        scenarios.put("priority-queue", this::priorityQueue);
        scenarios.put("queue-shards", this::queueShards);
        scenarios.put("group", this::group);
        scenarios.put("discovery", this::discovery);
    }

    public static void main(String[] words) throws Exception {
        Participant participant = new Participant(words[0], Integer.parseInt(words[1]));
        for (String name : List.of(words).subList(2, words.length)) participant.takePartIn(name);
        participant.zk.close();
    }

    private void takePartIn(String name) throws Exception {
        String folder = "/" + name;
        zk.create().forPath(folder + "/arrived/" + ME);
        while (zk.checkExists().forPath(folder + "/go") == null) Thread.sleep(10);
        String verdict = "ok";
        try {
            scenarios.get(name).run();
        } catch (Throwable failure) {
            failure.printStackTrace();
            verdict = failure.toString();
        }
        zk.create().forPath(folder + "/done/" + ME, verdict.getBytes(StandardCharsets.UTF_8));
    }

    /** Nobody else is inside, and nobody else counts meanwhile. */
    private void countAlone(String folder) throws Exception {
        zk.create().withMode(CreateMode.EPHEMERAL).forPath(folder + "/inside");
        int count = Integer.parseInt(text(zk.getData().forPath(folder + "/counter")));
        Thread.sleep(3);
        zk.setData().forPath(folder + "/counter", bytes(String.valueOf(count + 1)));
        zk.delete().forPath(folder + "/inside");
    }

    private void lock() throws Exception {
        InterProcessMutex lock = new InterProcessMutex(zk, "/lock/path");
        for (int round = 0; round < rounds; round++) {
            that(lock.acquire(LIMIT_SECONDS, SECONDS), "the lock comes");
            countAlone("/lock");
            lock.release();
        }
    }

    private void readWriteLock() throws Exception {
        InterProcessReadWriteLock lock = new InterProcessReadWriteLock(zk, "/read-write-lock/path");
        for (int round = 0; round < rounds; round++) {
            that(lock.writeLock().acquire(LIMIT_SECONDS, SECONDS), "the write lock comes");
            countAlone("/read-write-lock");
            lock.writeLock().release();
            that(lock.readLock().acquire(LIMIT_SECONDS, SECONDS), "the read lock comes");
            that(zk.checkExists().forPath("/read-write-lock/inside") == null, "nobody writes while it is read");
            lock.readLock().release();
        }
    }

    private void semaphore() throws Exception {
        InterProcessSemaphoreV2 semaphore = new InterProcessSemaphoreV2(zk, "/semaphore/path", 2);
        for (int round = 0; round < rounds; round++) {
            Lease lease = semaphore.acquire(LIMIT_SECONDS, SECONDS);
            that(lease != null, "a permit comes");
            String inside = zk.create().withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath("/semaphore/insides/n-");
            int count = zk.getChildren().forPath("/semaphore/insides").size();
            that(count <= 2, count + " inside");
            zk.delete().forPath(inside);
            semaphore.returnLease(lease);
        }
    }

    private void election() throws Exception {
        CountDownLatch led = new CountDownLatch(rounds);
        Throwable[] failure = new Throwable[1];
        LeaderSelector selector = new LeaderSelector(zk, "/election/path", new LeaderSelectorListenerAdapter() {
            @Override
            public void takeLeadership(CuratorFramework client) {
                if (led.getCount() == 0) return;
                try {
                    countAlone("/election");
                } catch (Throwable thrown) {
                    failure[0] = thrown;
                }
                led.countDown();
            }
        });
        selector.autoRequeue();
        selector.start();
        that(led.await(LIMIT_SECONDS, SECONDS), "it leads as often as it wants");
        selector.close();
        if (failure[0] != null) throw new AssertionError(failure[0]);
    }

    private void latch() throws Exception {
        for (int round = 0; round < rounds; round++) {
            LeaderLatch latch = new LeaderLatch(zk, "/latch/path", ME);
            latch.start();
            that(latch.await(LIMIT_SECONDS, SECONDS), "it leads");
            countAlone("/latch");
            latch.close();
        }
    }

    private void barrier() throws Exception {
        DistributedBarrier barrier = new DistributedBarrier(zk, "/barrier/path");
        zk.create().forPath("/barrier/waiting/" + ME);
        that(barrier.waitOnBarrier(LIMIT_SECONDS, SECONDS), "the barrier is lifted");
        that(zk.checkExists().forPath("/barrier/lifted") != null, "nobody passes before it is lifted");
    }

    private void doubleBarrier() throws Exception {
        DistributedDoubleBarrier barrier = new DistributedDoubleBarrier(zk, "/double-barrier/path", 3);
        zk.create().forPath("/double-barrier/came/" + ME);
        that(barrier.enter(LIMIT_SECONDS, SECONDS), "all come");
        equal(3, zk.getChildren().forPath("/double-barrier/came").size());
        zk.create().forPath("/double-barrier/leaving/" + ME);
        that(barrier.leave(LIMIT_SECONDS, SECONDS), "all leave");
        equal(3, zk.getChildren().forPath("/double-barrier/leaving").size());
    }

    private void count() throws Exception {
        SharedCount count = new SharedCount(zk, "/count/path", 0);
        count.start();
        for (int round = 0; round < rounds; ) {
            VersionedValue<Integer> now = count.getVersionedValue();
            if (count.trySetCount(now, now.getValue() + 1)) round++;
        }
        count.close();
    }

    private void atomicLong() throws Exception {
        DistributedAtomicLong count = new DistributedAtomicLong(zk, "/atomic-long/path", new RetryNTimes(1000, 1));
        for (int round = 0; round < rounds; round++) {
            AtomicValue<Long> value = count.increment();
            that(value.succeeded(), "it counts");
        }
    }

    private void queue() throws Exception {
        SimpleDistributedQueue queue = new SimpleDistributedQueue(zk, "/queue/path");
        for (int round = 0; round < rounds; round++) queue.offer(bytes(ME + " " + round));
        for (int round = 0; round < rounds; round++) {
            byte[] item = queue.poll(LIMIT_SECONDS, SECONDS);
            that(item != null, "an item comes");
            zk.create().forPath("/queue/taken/" + text(item));
        }
    }

    /** What it puts is taken by others, and what others put it consumes. */
    private void itemQueue() throws Exception {
        BlockingQueue<String> consumed = new LinkedBlockingQueue<>();
        QueueConsumer<String> consumer = new QueueConsumer<>() {
            @Override
            public void consumeMessage(String message) {
                consumed.add(message);
            }

            @Override
            public void stateChanged(CuratorFramework client, ConnectionState state) {}
        };
        DistributedQueue<String> out =
            QueueBuilder.builder(zk, null, serializer, "/item-queue/from-java").buildQueue();
        DistributedQueue<String> in =
            QueueBuilder.builder(zk, consumer, serializer, "/item-queue/to-java").lockPath("/item-queue/locks").buildQueue();
        out.start();
        in.start();
        for (int round = 0; round < rounds; round++) out.put(ME + " " + round);
        for (int round = 0; round < rounds; round++)
            equal("typescript " + round, consumed.poll(LIMIT_SECONDS, SECONDS));
        out.close();
        in.close();
    }

    /** The lower, the sooner; also below 0. */
    private void priorityQueue() throws Exception {
        DistributedPriorityQueue<String> queue =
            QueueBuilder.builder(zk, null, serializer, "/priority-queue/path").buildPriorityQueue(0);
        queue.start();
        for (int priority : new int[] {7, -3, 0, 100, -100}) queue.put(String.valueOf(priority), priority);
        queue.close();
    }

    private void queueShards() throws Exception {
        QueueSharderPolicies policies =
            QueueSharderPolicies.builder().newQueueThreshold(4).thresholdCheckMs(50).build();
        QueueSharder<String, DistributedQueue<String>> shards = new QueueSharder<>(
            zk,
            (client, path) -> QueueBuilder.builder(client, null, serializer, path).buildQueue(),
            "/queue-shards/path",
            "/queue-shards/leader",
            policies);
        shards.start();
        for (int tries = 0; shards.getShardQty() < 2; tries++) {
            that(tries < 2000, "there is another shard");
            Thread.sleep(10);
        }
        for (int round = 0; round < rounds; round++) shards.getQueue().put(ME + " " + round);
        while (zk.checkExists().forPath("/queue-shards/consumed") == null) Thread.sleep(10);
        shards.close();
    }

    private void group() throws Exception {
        GroupMember member = new GroupMember(zk, "/group/path", ME, bytes(ME));
        member.start();
        for (int tries = 0; member.getCurrentMembers().size() < 2; tries++) {
            that(tries < 2000, "the other member is found");
            Thread.sleep(10);
        }
        equal("typescript", text(member.getCurrentMembers().get("typescript")));
        zk.create().forPath("/group/found/" + ME);
        while (zk.checkExists().forPath("/group/found/typescript") == null) Thread.sleep(10);
        member.close();
    }

    private void discovery() throws Exception {
        ServiceDiscovery<String> discovery =
            ServiceDiscoveryBuilder.builder(String.class).client(zk).basePath("/discovery/path").build();
        discovery.start();
        discovery.registerService(
            ServiceInstance.<String>builder().name("api").id(ME).address("10.0.0.1").port(80).payload("from " + ME).build());
        for (int tries = 0; discovery.queryForInstances("api").size() < 2; tries++) {
            that(tries < 2000, "the other service is found");
            Thread.sleep(10);
        }
        ServiceInstance<String> other = discovery.queryForInstance("api", "typescript");
        equal("from typescript 10.0.0.2 81 true",
            other.getPayload() + " " + other.getAddress() + " " + other.getPort() + " " + other.isEnabled());
        zk.create().forPath("/discovery/found/" + ME);
        while (zk.checkExists().forPath("/discovery/found/typescript") == null) Thread.sleep(10);
        discovery.close();
    }

    private final QueueSerializer<String> serializer = new QueueSerializer<>() {
        @Override
        public byte[] serialize(String item) {
            return bytes(item);
        }

        @Override
        public String deserialize(byte[] data) {
            return text(data);
        }
    };

    private static void that(boolean holds, String what) {
        if (!holds) throw new AssertionError("not so: " + what);
    }

    private static void equal(Object expected, Object actual) {
        that(expected.equals(actual), actual + " is " + expected);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] data) {
        return new String(data, StandardCharsets.UTF_8);
    }
}
