import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

final class Expect {
    static final long LIMIT_SECONDS = 20;

    interface Work {
        void run() throws Exception;
    }

    static void that(boolean holds, String what) {
        if (!holds) throw new AssertionError("not so: " + what);
    }

    static void equal(Object expected, Object actual) {
        if (!Objects.equals(expected, actual)) throw new AssertionError(actual + ", not " + expected);
    }

    static void soon(CountDownLatch latch, String what) throws InterruptedException {
        that(latch.await(LIMIT_SECONDS, TimeUnit.SECONDS), what);
    }

    static void next(Object expected, BlockingQueue<?> queue) throws InterruptedException {
        equal(expected, queue.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
    }

    static void fails(Class<? extends Exception> with, Work work) {
        try {
            work.run();
        } catch (Exception failure) {
            if (with.isInstance(failure)) return;
            throw new AssertionError(failure + ", not " + with.getSimpleName(), failure);
        }
        throw new AssertionError("no " + with.getSimpleName());
    }

    private Expect() {}
}
