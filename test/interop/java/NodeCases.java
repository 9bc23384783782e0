import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.framework.recipes.nodes.PersistentTtlNode;
import org.apache.curator.framework.recipes.watch.PersistentWatcher;
import org.apache.zookeeper.CreateMode;

final class NodeCases {
    static void addTo(Map<String, CuratorCases.Case> cases) {
        cases.put("PersistentNode comes back when somebody deletes it", NodeCases::deleted);
        cases.put("PersistentNode comes back when its session has ended", NodeCases::sessionEnded);
        cases.put("PersistentTtlNode is kept alive", NodeCases::timeToLive);
        cases.put("GroupMember sees who is there", NodeCases::group);
        cases.put("PersistentWatcher is set again with a new session", NodeCases::watcher);
    }

    private static void deleted(Programs programs) throws Exception {
        CuratorFramework other = programs.start();
        BlockingQueue<String> events = eventsOf(programs, other, "/persistent");
        PersistentNode node = persistent(programs, programs.start(), "/persistent");
        Expect.next("created mine", events);
        other.delete().forPath("/persistent");
        Expect.next("deleted", events);
        Expect.next("created mine", events);
        node.close();
        Expect.next("deleted", events);
    }

    private static void sessionEnded(Programs programs) throws Exception {
        CuratorFramework owner = programs.start();
        CuratorFramework other = programs.start();
        BlockingQueue<String> events = eventsOf(programs, other, "/persistent-again");
        persistent(programs, owner, "/persistent-again");
        Expect.next("created mine", events);
        programs.endSession(owner);
        Expect.next("deleted", events);
        Expect.next("created mine", events);
        Expect.equal(sessionOf(owner), other.checkExists().forPath("/persistent-again").getEphemeralOwner());
    }

    private static PersistentNode persistent(Programs programs, CuratorFramework owner, String path) {
        PersistentNode node = programs.closeLater(
            new PersistentNode(owner, CreateMode.EPHEMERAL, false, path, FrameworkCases.bytes("mine")));
        node.start();
        return node;
    }

    private static BlockingQueue<String> eventsOf(Programs programs, CuratorFramework reader, String path) throws Exception {
        BlockingQueue<String> events = new LinkedBlockingQueue<>();
        CuratorCache cache = programs.closeLater(CuratorCache.build(reader, path, CuratorCache.Options.SINGLE_NODE_CACHE));
        cache.listenable().addListener(CuratorCacheListener.builder()
            .forCreates(node -> events.add("created " + FrameworkCases.text(node.getData())))
            .forDeletes(node -> events.add("deleted"))
            .forInitialized(() -> events.add("initialized"))
            .build());
        cache.start();
        Expect.next("initialized", events);
        return events;
    }

    private static void timeToLive(Programs programs) throws Exception {
        CuratorFramework owner = programs.start();
        PersistentTtlNode node = programs.closeLater(
            new PersistentTtlNode(owner, "/persistent-ttl", 60_000, FrameworkCases.bytes("mine")));
        node.start();
        Expect.that(node.waitForInitialCreate(Expect.LIMIT_SECONDS, TimeUnit.SECONDS), "created");
        Expect.equal("mine", FrameworkCases.text(owner.getData().forPath("/persistent-ttl")));
    }

    private static void group(Programs programs) throws Exception {
        CuratorFramework observer = programs.start();
        BlockingQueue<String> events = new LinkedBlockingQueue<>();
        CuratorCache cache = programs.closeLater(CuratorCache.build(observer, "/group"));
        cache.listenable().addListener(CuratorCacheListener.builder()
            .forCreates(node -> events.add("+" + node.getPath()))
            .forDeletes(node -> events.add("-" + node.getPath()))
            .build());
        cache.start();
        CuratorFramework second = programs.start();
        programs.closeLater(started(new GroupMember(programs.start(), "/group", "one", FrameworkCases.bytes("1"))));
        Expect.next("+/group", events);
        Expect.next("+/group/one", events);
        GroupMember two = started(new GroupMember(second, "/group", "two", FrameworkCases.bytes("2")));
        Expect.next("+/group/two", events);
        Expect.that(Set.of("one", "two").containsAll(two.getCurrentMembers().keySet()), "nobody else");
        two.close();
        Expect.next("-/group/two", events);
    }

    private static GroupMember started(GroupMember member) {
        member.start();
        return member;
    }

    private static void watcher(Programs programs) throws Exception {
        CuratorFramework reader = programs.start();
        CuratorFramework writer = programs.start();
        writer.create().forPath("/watched-for-ever");
        BlockingQueue<String> events = new LinkedBlockingQueue<>();
        PersistentWatcher watcher = programs.closeLater(new PersistentWatcher(reader, "/watched-for-ever", true));
        watcher.getListenable().addListener(event -> {
            if (event.getPath() != null) events.add(event.getType() + " " + event.getPath());
        });
        BlockingQueue<Long> sessions = new LinkedBlockingQueue<>();
        watcher.getResetListenable().addListener(() -> sessions.add(sessionOf(reader)));
        watcher.start();
        long first = sessionOf(reader);
        Expect.next(first, sessions);
        writer.create().forPath("/watched-for-ever/a");
        Expect.next("NodeCreated /watched-for-ever/a", events);
        programs.endSession(reader);
        // It may have come back to the old session for a moment, and set the watch there once more.
        Long session = first;
        while (session != null && session == first) session = sessions.poll(Expect.LIMIT_SECONDS, TimeUnit.SECONDS);
        Expect.that(session != null, "the watch is set in the new session");
        writer.create().forPath("/watched-for-ever/b");
        Expect.next("NodeCreated /watched-for-ever/b", events);
    }

    private static long sessionOf(CuratorFramework program) {
        try {
            return program.getZookeeperClient().getZooKeeper().getSessionId();
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    private NodeCases() {}
}
