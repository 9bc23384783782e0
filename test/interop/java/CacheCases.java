import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.cache.NodeCache;
import org.apache.curator.framework.recipes.cache.PathChildrenCache;
import org.apache.curator.framework.recipes.cache.TreeCache;

@SuppressWarnings("deprecation")
final class CacheCases {
    static void addTo(Map<String, CuratorCases.Case> cases) {
        cases.put("CuratorCache follows a tree", CacheCases::curatorCache);
        cases.put("CuratorCache finds what changed while its session was gone", CacheCases::curatorCacheAgain);
        cases.put("PathChildrenCache follows the children of a node", CacheCases::pathChildrenCache);
        cases.put("TreeCache follows a tree with watches that come once", CacheCases::treeCache);
        cases.put("NodeCache follows the data of a node", CacheCases::nodeCache);
    }

    private static void curatorCache(Programs programs) throws Exception {
        CuratorFramework writer = programs.start();
        writer.create().creatingParentsIfNeeded().forPath("/cache/a", FrameworkCases.bytes("1"));
        BlockingQueue<String> events = new LinkedBlockingQueue<>();
        CuratorCache cache = watched(programs, programs.start(), "/cache", events);
        Expect.next("created /cache", events);
        Expect.next("created /cache/a", events);
        Expect.next("initialized", events);

        writer.setData().forPath("/cache/a", FrameworkCases.bytes("2"));
        Expect.next("changed /cache/a to 2", events);
        writer.create().forPath("/cache/a/deep", FrameworkCases.bytes("3"));
        Expect.next("created /cache/a/deep", events);
        writer.delete().forPath("/cache/a/deep");
        Expect.next("deleted /cache/a/deep", events);
        Expect.equal("2", FrameworkCases.text(cache.get("/cache/a").orElseThrow().getData()));
        Expect.equal(2, cache.size());
    }

    private static void curatorCacheAgain(Programs programs) throws Exception {
        CuratorFramework writer = programs.start();
        CuratorFramework reader = programs.start();
        writer.create().forPath("/cache-again", FrameworkCases.bytes("1"));
        BlockingQueue<String> events = new LinkedBlockingQueue<>();
        watched(programs, reader, "/cache-again", events);
        Expect.next("created /cache-again", events);
        Expect.next("initialized", events);
        programs.endSession(reader);
        writer.setData().forPath("/cache-again", FrameworkCases.bytes("2"));
        Expect.next("changed /cache-again to 2", events);
    }

    private static CuratorCache watched(Programs programs, CuratorFramework reader, String path, BlockingQueue<String> events) {
        CuratorCache cache = programs.closeLater(CuratorCache.build(reader, path));
        cache.listenable().addListener(CuratorCacheListener.builder()
            .forCreates(node -> events.add("created " + node.getPath()))
            .forChanges((before, after) -> events.add("changed " + after.getPath() + " to " + FrameworkCases.text(after.getData())))
            .forDeletes(node -> events.add("deleted " + node.getPath()))
            .forInitialized(() -> events.add("initialized"))
            .build());
        cache.start();
        return cache;
    }

    private static void pathChildrenCache(Programs programs) throws Exception {
        CuratorFramework writer = programs.start();
        writer.create().creatingParentsIfNeeded().forPath("/children/a", FrameworkCases.bytes("1"));
        BlockingQueue<String> events = new LinkedBlockingQueue<>();
        PathChildrenCache cache = programs.closeLater(new PathChildrenCache(programs.start(), "/children", true));
        cache.getListenable().addListener((client, event) -> note(events, event.getType().name(), event.getData()));
        cache.start(PathChildrenCache.StartMode.POST_INITIALIZED_EVENT);
        Expect.next("CHILD_ADDED /children/a", events);
        Expect.next("INITIALIZED", events);
        writer.setData().forPath("/children/a", FrameworkCases.bytes("2"));
        Expect.next("CHILD_UPDATED /children/a", events);
        writer.create().forPath("/children/b");
        Expect.next("CHILD_ADDED /children/b", events);
        writer.delete().forPath("/children/a");
        Expect.next("CHILD_REMOVED /children/a", events);
        Expect.equal(1, cache.getCurrentData().size());
    }

    private static void treeCache(Programs programs) throws Exception {
        CuratorFramework writer = programs.start();
        writer.create().creatingParentsIfNeeded().forPath("/tree/a");
        BlockingQueue<String> events = new LinkedBlockingQueue<>();
        TreeCache cache = programs.closeLater(new TreeCache(programs.start(), "/tree"));
        cache.getListenable().addListener((client, event) -> note(events, event.getType().name(), event.getData()));
        cache.start();
        Expect.next("NODE_ADDED /tree", events);
        Expect.next("NODE_ADDED /tree/a", events);
        Expect.next("INITIALIZED", events);
        writer.create().forPath("/tree/a/b");
        Expect.next("NODE_ADDED /tree/a/b", events);
        writer.setData().forPath("/tree/a/b", FrameworkCases.bytes("1"));
        Expect.next("NODE_UPDATED /tree/a/b", events);
        writer.delete().forPath("/tree/a/b");
        Expect.next("NODE_REMOVED /tree/a/b", events);
    }

    /** Without what a cache says of its connection: whether it hears of a first one depends on when it was started. */
    private static void note(BlockingQueue<String> events, String type, ChildData node) {
        if (!type.startsWith("CONNECTION_")) events.add(node == null ? type : type + " " + node.getPath());
    }

    private static void nodeCache(Programs programs) throws Exception {
        CuratorFramework writer = programs.start();
        NodeCache cache = programs.closeLater(new NodeCache(programs.start(), "/node-cache"));
        cache.start(true);
        CountDownLatch created = new CountDownLatch(1);
        CountDownLatch deleted = new CountDownLatch(2);
        cache.getListenable().addListener(() -> {
            created.countDown();
            deleted.countDown();
        });
        writer.create().forPath("/node-cache", FrameworkCases.bytes("1"));
        Expect.soon(created, "the cache sees the node");
        Expect.equal("1", FrameworkCases.text(cache.getCurrentData().getData()));
        writer.delete().forPath("/node-cache");
        Expect.soon(deleted, "the cache sees that it is gone");
        Expect.equal(null, cache.getCurrentData());
    }

    private CacheCases() {}
}
