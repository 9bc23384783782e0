import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.RetryNTimes;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;

/** The programs of one case: each a client with a session of its own, closed when the case is over. */
final class Programs implements AutoCloseable {
    private static final int SESSION_TIMEOUT_MS = 10_000;
    private static final int CONNECTION_TIMEOUT_MS = 10_000;

    private final String address;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    Programs(String address) {
        this.address = address;
    }

    CuratorFramework start() throws Exception {
        return start(settings());
    }

    CuratorFramework start(CuratorFrameworkFactory.Builder settings) throws Exception {
        CuratorFramework program = settings.build();
        closeLater(program);
        program.start();
        Expect.that(program.blockUntilConnected(CONNECTION_TIMEOUT_MS, TimeUnit.MILLISECONDS), "connected");
        return program;
    }

    CuratorFrameworkFactory.Builder settings() {
        return CuratorFrameworkFactory.builder()
            .connectString(address)
            .sessionTimeoutMs(SESSION_TIMEOUT_MS)
            .connectionTimeoutMs(CONNECTION_TIMEOUT_MS)
            .retryPolicy(new RetryNTimes(20, 200));
    }

    <T extends AutoCloseable> T closeLater(T thing) {
        opened.push(thing);
        return thing;
    }

    /** Runs beside the case, which is to join it. */
    static CompletableFuture<Void> beside(Expect.Work work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                work.run();
                done.complete(null);
            } catch (Throwable failure) {
                done.completeExceptionally(failure);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    /** Ends the session behind the program's back: another connection takes it over and closes it. */
    void endSession(CuratorFramework program) throws Exception {
        CountDownLatch lost = new CountDownLatch(1);
        CountDownLatch takenOver = new CountDownLatch(1);
        program.getConnectionStateListenable().addListener((client, state) -> {
            if (state == ConnectionState.LOST) lost.countDown();
        });
        ZooKeeper owner = program.getZookeeperClient().getZooKeeper();
        ZooKeeper other = new ZooKeeper(address, SESSION_TIMEOUT_MS, event -> {
            if (event.getState() == KeeperState.SyncConnected) takenOver.countDown();
        }, owner.getSessionId(), owner.getSessionPasswd());
        Expect.soon(takenOver, "the session is taken over");
        other.close();
        Expect.soon(lost, "the program notices that its session is gone");
    }

    @Override
    public void close() {
        for (AutoCloseable thing : opened) {
            try {
                thing.close();
            } catch (Exception alreadyClosed) {
                continue;
            }
        }
    }
}
