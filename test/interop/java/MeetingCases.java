import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;

final class MeetingCases {
    private static final int PROGRAMS = 3;

    static void addTo(Map<String, CuratorCases.Case> cases) {
        cases.put("DistributedBarrier holds all until it is lifted", MeetingCases::barrier);
        cases.put("DistributedDoubleBarrier lets all in together and out together", MeetingCases::doubleBarrier);
    }

    private static void barrier(Programs programs) throws Exception {
        DistributedBarrier owner = new DistributedBarrier(programs.start(), "/barrier");
        owner.setBarrier();
        AtomicInteger passed = new AtomicInteger();
        CountDownLatch waiting = new CountDownLatch(PROGRAMS);
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int number = 0; number < PROGRAMS; number++) {
            DistributedBarrier barrier = new DistributedBarrier(programs.start(), "/barrier");
            all.add(Programs.beside(() -> {
                waiting.countDown();
                Expect.that(barrier.waitOnBarrier(Expect.LIMIT_SECONDS, SECONDS), "the barrier is lifted");
                passed.incrementAndGet();
            }));
        }
        Expect.soon(waiting, "all stand before it");
        Expect.equal(0, passed.get());
        owner.removeBarrier();
        for (CompletableFuture<Void> each : all) each.join();
        Expect.equal(PROGRAMS, passed.get());
    }

    private static void doubleBarrier(Programs programs) throws Exception {
        AtomicInteger came = new AtomicInteger();
        AtomicInteger leaving = new AtomicInteger();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int number = 0; number < PROGRAMS; number++) {
            CuratorFramework program = programs.start();
            DistributedDoubleBarrier barrier = new DistributedDoubleBarrier(program, "/double-barrier", PROGRAMS);
            all.add(Programs.beside(() -> {
                came.incrementAndGet();
                Expect.that(barrier.enter(Expect.LIMIT_SECONDS, SECONDS), "all came");
                Expect.equal(PROGRAMS, came.get());
                leaving.incrementAndGet();
                Expect.that(barrier.leave(Expect.LIMIT_SECONDS, SECONDS), "all leave");
                Expect.equal(PROGRAMS, leaving.get());
            }));
        }
        for (CompletableFuture<Void> each : all) each.join();
    }

    private MeetingCases() {}
}
