import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.queue.DistributedPriorityQueue;
import org.apache.curator.framework.recipes.queue.DistributedQueue;
import org.apache.curator.framework.recipes.queue.QueueBuilder;
import org.apache.curator.framework.recipes.queue.QueueConsumer;
import org.apache.curator.framework.recipes.queue.QueueSerializer;
import org.apache.curator.framework.recipes.queue.SimpleDistributedQueue;
import org.apache.curator.framework.state.ConnectionState;

final class QueueCases {
    private static final int ITEMS = 20;

    static void addTo(Map<String, CuratorCases.Case> cases) {
        cases.put("DistributedQueue hands out in order", QueueCases::inOrder);
        cases.put("DistributedQueue gives each item to one of its consumers", QueueCases::shared);
        cases.put("DistributedPriorityQueue hands out the most urgent first", QueueCases::priority);
        cases.put("SimpleDistributedQueue offers, peeks and takes", QueueCases::simple);
    }

    private static void inOrder(Programs programs) throws Exception {
        BlockingQueue<String> taken = new LinkedBlockingQueue<>();
        DistributedQueue<String> producer = producer(programs, "/queue");
        for (int item = 0; item < ITEMS; item++) producer.put("item " + item);
        DistributedQueue<String> consumer = consumer(programs, "/queue", taken);
        for (int item = 0; item < ITEMS; item++) Expect.next("item " + item, taken);
        producer.put("late");
        Expect.next("late", taken);
        Expect.that(consumer.flushPuts(1, TimeUnit.SECONDS), "nothing is left to put");
    }

    private static void shared(Programs programs) throws Exception {
        BlockingQueue<String> taken = new LinkedBlockingQueue<>();
        consumer(programs, "/queue-shared", taken);
        consumer(programs, "/queue-shared", taken);
        DistributedQueue<String> producer = producer(programs, "/queue-shared");
        for (int item = 0; item < ITEMS; item++) producer.put("item " + item);
        Set<String> seen = new HashSet<>();
        for (int item = 0; item < ITEMS; item++) {
            String one = taken.poll(Expect.LIMIT_SECONDS, TimeUnit.SECONDS);
            Expect.that(one != null && seen.add(one), "each once: " + one);
        }
        Expect.that(taken.isEmpty(), "no more");
    }

    private static DistributedQueue<String> producer(Programs programs, String path) throws Exception {
        DistributedQueue<String> queue = QueueBuilder.builder(programs.start(), null, texts, path).buildQueue();
        queue.start();
        return programs.closeLater(queue);
    }

    private static DistributedQueue<String> consumer(Programs programs, String path, BlockingQueue<String> taken) throws Exception {
        DistributedQueue<String> queue =
            QueueBuilder.builder(programs.start(), into(taken), texts, path).lockPath(path + "-locks").buildQueue();
        queue.start();
        return programs.closeLater(queue);
    }

    private static void priority(Programs programs) throws Exception {
        CuratorFramework program = programs.start();
        DistributedPriorityQueue<String> producer = programs.closeLater(
            QueueBuilder.builder(program, null, texts, "/queue-priority").buildPriorityQueue(0));
        producer.start();
        producer.put("may wait", 30);
        producer.put("urgent", 10);
        producer.put("soon", 20);
        Expect.that(producer.flushPuts((int) Expect.LIMIT_SECONDS, TimeUnit.SECONDS), "all are put");
        BlockingQueue<String> taken = new LinkedBlockingQueue<>();
        DistributedPriorityQueue<String> consumer = programs.closeLater(
            QueueBuilder.builder(programs.start(), into(taken), texts, "/queue-priority").buildPriorityQueue(0));
        consumer.start();
        Expect.next("urgent", taken);
        Expect.next("soon", taken);
        Expect.next("may wait", taken);
    }

    private static void simple(Programs programs) throws Exception {
        SimpleDistributedQueue one = new SimpleDistributedQueue(programs.start(), "/queue-simple");
        SimpleDistributedQueue two = new SimpleDistributedQueue(programs.start(), "/queue-simple");
        BlockingQueue<String> taken = new LinkedBlockingQueue<>();
        one.offer(FrameworkCases.bytes("a"));
        one.offer(FrameworkCases.bytes("b"));
        Expect.equal("a", FrameworkCases.text(two.peek()));
        Expect.equal("a", FrameworkCases.text(two.take()));
        Expect.equal("b", FrameworkCases.text(two.poll()));
        Programs.beside(() -> taken.add(FrameworkCases.text(two.take())));
        one.offer(FrameworkCases.bytes("c"));
        Expect.next("c", taken);
        Expect.equal(null, one.poll());
    }

    private static QueueConsumer<String> into(BlockingQueue<String> taken) {
        return new QueueConsumer<>() {
            @Override
            public void consumeMessage(String message) {
                taken.add(message);
            }

            @Override
            public void stateChanged(CuratorFramework client, ConnectionState state) {}
        };
    }

    private static final QueueSerializer<String> texts = new QueueSerializer<>() {
        @Override
        public byte[] serialize(String item) {
            return FrameworkCases.bytes(item);
        }

        @Override
        public String deserialize(byte[] bytes) {
            return FrameworkCases.text(bytes);
        }
    };

    private QueueCases() {}
}
