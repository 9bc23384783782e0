import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.apache.curator.framework.recipes.leader.LeaderSelector;
import org.apache.curator.framework.recipes.leader.LeaderSelectorListenerAdapter;

final class LeaderCases {
    private static final int PROGRAMS = 3;

    static void addTo(Map<String, CuratorCases.Case> cases) {
        cases.put("LeaderLatch has one leader, and the next when it closes", LeaderCases::latch);
        cases.put("LeaderLatch knows when its session has ended", LeaderCases::latchOfTheDead);
        cases.put("LeaderSelector lets one lead after the other", LeaderCases::selector);
    }

    private static void latch(Programs programs) throws Exception {
        BlockingQueue<LeaderLatch> leaders = new LinkedBlockingQueue<>();
        List<LeaderLatch> latches = new ArrayList<>();
        for (int number = 0; number < PROGRAMS; number++) {
            LeaderLatch latch = programs.closeLater(new LeaderLatch(programs.start(), "/latch", "program " + number));
            latch.addListener(told(() -> leaders.add(latch), () -> {}));
            latches.add(latch);
            latch.start();
        }
        Set<String> past = new HashSet<>();
        for (int turn = 0; turn < PROGRAMS; turn++) {
            LeaderLatch leader = leaders.poll(Expect.LIMIT_SECONDS, TimeUnit.SECONDS);
            Expect.that(leader != null, "somebody leads");
            Expect.that(past.add(leader.getId()), "leads for the first time");
            Expect.equal(1L, latches.stream().filter(LeaderLatch::hasLeadership).count());
            Expect.equal(leader.getId(), leader.getLeader().getId());
            Expect.that(leaders.isEmpty(), "nobody else leads");
            leader.close();
        }
    }

    private static void latchOfTheDead(Programs programs) throws Exception {
        CuratorFramework first = programs.start();
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        LeaderLatch one = programs.closeLater(new LeaderLatch(first, "/latch-dead", "one"));
        one.addListener(told(() -> told.add("one leads"), () -> told.add("one leads no more")));
        one.start();
        Expect.next("one leads", told);
        CountDownLatch second = new CountDownLatch(1);
        LeaderLatch two = programs.closeLater(new LeaderLatch(programs.start(), "/latch-dead", "two"));
        two.addListener(told(second::countDown, () -> {}));
        two.start();
        programs.endSession(first);
        Expect.next("one leads no more", told);
        Expect.soon(second, "two leads");
    }

    private static LeaderLatchListener told(Runnable leads, Runnable leadsNoMore) {
        return new LeaderLatchListener() {
            @Override
            public void isLeader() {
                leads.run();
            }

            @Override
            public void notLeader() {
                leadsNoMore.run();
            }
        };
    }

    private static void selector(Programs programs) throws Exception {
        AtomicInteger leading = new AtomicInteger();
        BlockingQueue<String> leaders = new LinkedBlockingQueue<>();
        for (int number = 0; number < PROGRAMS; number++) {
            String name = "program " + number;
            LeaderSelector selector = new LeaderSelector(programs.start(), "/selector", new LeaderSelectorListenerAdapter() {
                @Override
                public void takeLeadership(CuratorFramework client) {
                    leaders.add(leading.incrementAndGet() == 1 ? name : name + " is not alone");
                    leading.decrementAndGet();
                }
            });
            programs.closeLater(selector);
            selector.setId(name);
            selector.start();
        }
        Set<String> seen = new HashSet<>();
        for (int turn = 0; turn < PROGRAMS; turn++) {
            seen.add(leaders.poll(Expect.LIMIT_SECONDS, TimeUnit.SECONDS));
        }
        Expect.equal(Set.of("program 0", "program 1", "program 2"), seen);
    }

    private LeaderCases() {}
}
