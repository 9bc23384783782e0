import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.atomic.AtomicValue;
import org.apache.curator.framework.recipes.atomic.CachedAtomicLong;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.atomic.PromotedToLock;
import org.apache.curator.framework.recipes.shared.SharedCount;
import org.apache.curator.framework.recipes.shared.SharedCountListener;
import org.apache.curator.framework.recipes.shared.SharedCountReader;
import org.apache.curator.framework.recipes.shared.VersionedValue;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.RetryNTimes;

final class CountCases {
    private static final int PROGRAMS = 3;
    private static final int ROUNDS = 10;

    static void addTo(Map<String, CuratorCases.Case> cases) {
        cases.put("SharedCount tells all of a new count, and takes none that is stale", CountCases::sharedCount);
        cases.put("DistributedAtomicLong loses no increment", CountCases::atomicLong);
        cases.put("CachedAtomicLong gives no number twice", CountCases::cachedAtomicLong);
    }

    private static void sharedCount(Programs programs) throws Exception {
        SharedCount one = programs.closeLater(new SharedCount(programs.start(), "/count", 5));
        SharedCount two = programs.closeLater(new SharedCount(programs.start(), "/count", 5));
        BlockingQueue<Integer> told = new LinkedBlockingQueue<>();
        two.addListener(new SharedCountListener() {
            @Override
            public void countHasChanged(SharedCountReader reader, int count) {
                told.add(count);
            }

            @Override
            public void stateChanged(CuratorFramework client, ConnectionState state) {}
        });
        one.start();
        two.start();
        Expect.equal(5, two.getCount());
        VersionedValue<Integer> stale = two.getVersionedValue();
        one.setCount(6);
        Expect.next(6, told);
        Expect.that(!two.trySetCount(stale, 7), "stale");
        Expect.that(two.trySetCount(two.getVersionedValue(), 7), "fresh");
    }

    private static void atomicLong(Programs programs) throws Exception {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int number = 0; number < PROGRAMS; number++) {
            PromotedToLock lock = PromotedToLock.builder()
                .lockPath("/atomic-lock")
                .timeout(Expect.LIMIT_SECONDS, TimeUnit.SECONDS)
                .retryPolicy(new RetryNTimes(100, 5))
                .build();
            DistributedAtomicLong value =
                new DistributedAtomicLong(programs.start(), "/atomic", new RetryNTimes(2, 5), lock);
            all.add(Programs.beside(() -> {
                for (int round = 0; round < ROUNDS; round++) Expect.that(value.increment().succeeded(), "incremented");
            }));
        }
        for (CompletableFuture<Void> each : all) each.join();
        AtomicValue<Long> end = new DistributedAtomicLong(programs.start(), "/atomic", new RetryNTimes(1, 1)).get();
        Expect.equal((long) PROGRAMS * ROUNDS, end.postValue());
    }

    private static void cachedAtomicLong(Programs programs) throws Exception {
        DistributedAtomicLong value = new DistributedAtomicLong(programs.start(), "/cached", new RetryNTimes(5, 5));
        CachedAtomicLong one = new CachedAtomicLong(value, 2);
        CachedAtomicLong two = new CachedAtomicLong(value, 2);
        List<Long> drawn = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            drawn.add(one.next().postValue());
            drawn.add(two.next().postValue());
        }
        Expect.equal(2L * ROUNDS, drawn.stream().distinct().count());
    }

    private CountCases() {}
}
