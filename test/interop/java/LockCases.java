import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.locks.InterProcessLock;
import org.apache.curator.framework.recipes.locks.InterProcessMultiLock;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreMutex;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.locks.Revoker;

final class LockCases {
    private static final int PROGRAMS = 3;
    private static final int ROUNDS = 8;

    static void addTo(Map<String, CuratorCases.Case> cases) {
        cases.put("InterProcessMutex has one holder at a time", LockCases::mutex);
        cases.put("InterProcessMutex is free when its holder's session ends", LockCases::mutexOfTheDead);
        cases.put("InterProcessMutex is given up when it is revoked", LockCases::revoked);
        cases.put("InterProcessSemaphoreMutex is not re-entrant", LockCases::semaphoreMutex);
        cases.put("InterProcessMultiLock holds all or none", LockCases::multiLock);
        cases.put("InterProcessReadWriteLock has many readers or one writer", LockCases::readWriteLock);
        cases.put("InterProcessSemaphoreV2 gives so many leases and no more", LockCases::semaphore);
    }

    private static void mutex(Programs programs) throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger entered = new AtomicInteger();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int number = 0; number < PROGRAMS; number++) {
            InterProcessMutex lock = new InterProcessMutex(programs.start(), "/mutex");
            all.add(Programs.beside(() -> {
                for (int round = 0; round < ROUNDS; round++) {
                    Expect.that(lock.acquire(Expect.LIMIT_SECONDS, SECONDS), "the lock comes");
                    Expect.equal(1, inside.incrementAndGet());
                    lock.acquire();
                    lock.release();
                    entered.incrementAndGet();
                    inside.decrementAndGet();
                    lock.release();
                }
            }));
        }
        for (CompletableFuture<Void> each : all) each.join();
        Expect.equal(PROGRAMS * ROUNDS, entered.get());
    }

    private static void mutexOfTheDead(Programs programs) throws Exception {
        CuratorFramework holder = programs.start();
        InterProcessMutex held = new InterProcessMutex(holder, "/mutex-dead");
        InterProcessMutex wanted = new InterProcessMutex(programs.start(), "/mutex-dead");
        held.acquire();
        Expect.that(!wanted.acquire(50, MILLISECONDS), "held by the other");
        programs.endSession(holder);
        Expect.that(wanted.acquire(Expect.LIMIT_SECONDS, SECONDS), "the lock comes");
        wanted.release();
    }

    private static void revoked(Programs programs) throws Exception {
        InterProcessMutex held = new InterProcessMutex(programs.start(), "/mutex-revoked");
        CuratorFramework other = programs.start();
        InterProcessMutex wanted = new InterProcessMutex(other, "/mutex-revoked");
        CountDownLatch asked = new CountDownLatch(1);
        held.makeRevocable(lock -> asked.countDown());
        held.acquire();
        Collection<String> nodes = wanted.getParticipantNodes();
        Expect.equal(1, nodes.size());
        Revoker.attemptRevoke(other, nodes.iterator().next());
        Expect.soon(asked, "the holder is asked");
        held.release();
        Expect.that(wanted.acquire(Expect.LIMIT_SECONDS, SECONDS), "the lock comes");
        wanted.release();
    }

    private static void semaphoreMutex(Programs programs) throws Exception {
        InterProcessSemaphoreMutex lock = new InterProcessSemaphoreMutex(programs.start(), "/semaphore-mutex");
        lock.acquire();
        Expect.that(!lock.acquire(50, MILLISECONDS), "held already");
        lock.release();
        Expect.that(lock.acquire(Expect.LIMIT_SECONDS, SECONDS), "the lock comes");
        lock.release();
    }

    private static void multiLock(Programs programs) throws Exception {
        CuratorFramework program = programs.start();
        InterProcessLock other = new InterProcessMutex(programs.start(), "/multi-b");
        InterProcessMultiLock both = new InterProcessMultiLock(program, List.of("/multi-a", "/multi-b"));
        other.acquire();
        Expect.that(!both.acquire(50, MILLISECONDS), "one is held by the other");
        InterProcessLock first = new InterProcessMutex(programs.start(), "/multi-a");
        Expect.that(first.acquire(Expect.LIMIT_SECONDS, SECONDS), "none was kept");
        first.release();
        other.release();
        Expect.that(both.acquire(Expect.LIMIT_SECONDS, SECONDS), "both come");
        both.release();
    }

    private static void readWriteLock(Programs programs) throws Exception {
        InterProcessReadWriteLock one = new InterProcessReadWriteLock(programs.start(), "/read-write");
        InterProcessReadWriteLock two = new InterProcessReadWriteLock(programs.start(), "/read-write");
        one.readLock().acquire();
        Expect.that(two.readLock().acquire(Expect.LIMIT_SECONDS, SECONDS), "two readers");
        Expect.that(!two.writeLock().acquire(50, MILLISECONDS), "no writer beside readers");
        two.readLock().release();
        CompletableFuture<Void> writer = Programs.beside(() -> {
            Expect.that(two.writeLock().acquire(Expect.LIMIT_SECONDS, SECONDS), "the writer's turn comes");
            two.readLock().acquire();
            two.writeLock().release();
            Expect.that(one.readLock().acquire(Expect.LIMIT_SECONDS, SECONDS), "a writer that became a reader lets readers in");
            one.readLock().release();
            two.readLock().release();
        });
        one.readLock().release();
        writer.join();
        two.writeLock().acquire();
        Expect.that(!one.readLock().acquire(50, MILLISECONDS), "no reader beside a writer");
        two.writeLock().release();
    }

    private static void semaphore(Programs programs) throws Exception {
        InterProcessSemaphoreV2 one = new InterProcessSemaphoreV2(programs.start(), "/semaphore", 3);
        CuratorFramework second = programs.start();
        InterProcessSemaphoreV2 two = new InterProcessSemaphoreV2(second, "/semaphore", 3);
        Collection<Lease> leases = one.acquire(2);
        Expect.that(two.acquire(Expect.LIMIT_SECONDS, SECONDS) != null, "the third lease");
        Expect.equal(null, one.acquire(50, MILLISECONDS));
        programs.endSession(second);
        Lease freed = one.acquire(Expect.LIMIT_SECONDS, SECONDS);
        Expect.that(freed != null, "a lease of a session that has ended is free");
        one.returnLease(freed);
        one.returnAll(leases);
        Expect.equal(0, one.getParticipantNodes().size());
    }

    private LockCases() {}
}
