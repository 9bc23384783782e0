import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorTransactionResult;
import org.apache.curator.framework.api.transaction.OperationType;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.data.Stat;

final class FrameworkCases {
    static void addTo(Map<String, CuratorCases.Case> cases) {
        cases.put("create, read, write and delete with parents and children", FrameworkCases::nodes);
        cases.put("create in every mode", FrameworkCases::modes);
        cases.put("operations in the background", FrameworkCases::background);
        cases.put("namespace and compressed data", FrameworkCases::namespace);
        cases.put("access lists and identities", FrameworkCases::access);
        cases.put("watches of every kind", FrameworkCases::watches);
        cases.put("transaction is applied at once", FrameworkCases::transaction);
        cases.put("transaction that fails leaves nothing", FrameworkCases::failedTransaction);
    }

    private static void nodes(Programs programs) throws Exception {
        CuratorFramework program = programs.start();
        program.create().creatingParentContainersIfNeeded().forPath("/framework/a/b", bytes("one"));
        Stat stat = new Stat();
        program.create().orSetData().storingStatIn(stat).forPath("/framework/a/b", bytes("two"));
        Expect.equal("two", text(program.getData().storingStatIn(stat).forPath("/framework/a/b")));
        Expect.equal(1, stat.getVersion());
        Expect.equal(2, program.setData().withVersion(1).forPath("/framework/a/b", bytes("3")).getVersion());
        Expect.fails(KeeperException.BadVersionException.class,
            () -> program.setData().withVersion(1).forPath("/framework/a/b"));
        Expect.equal(List.of("b"), program.getChildren().forPath("/framework/a"));
        Expect.fails(KeeperException.NotEmptyException.class, () -> program.delete().forPath("/framework/a"));
        program.delete().guaranteed().deletingChildrenIfNeeded().forPath("/framework/a");
        Expect.equal(null, program.checkExists().forPath("/framework/a"));
        program.sync().forPath("/framework");
    }

    private static void modes(Programs programs) throws Exception {
        CuratorFramework program = programs.start();
        long session = program.getZookeeperClient().getZooKeeper().getSessionId();
        program.create().creatingParentsIfNeeded().withMode(CreateMode.EPHEMERAL).forPath("/modes/e");
        Expect.equal(session, program.checkExists().forPath("/modes/e").getEphemeralOwner());
        Expect.equal("/modes/s-0000000001",
            program.create().withMode(CreateMode.PERSISTENT_SEQUENTIAL).forPath("/modes/s-"));
        Expect.equal("/modes/es-0000000002",
            program.create().withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath("/modes/es-"));
        program.create().withMode(CreateMode.CONTAINER).forPath("/modes/c");
        program.create().withTtl(60_000).withMode(CreateMode.PERSISTENT_WITH_TTL).forPath("/modes/t");
        Expect.equal("/modes/ts-0000000005",
            program.create().withTtl(60_000).withMode(CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL).forPath("/modes/ts-"));
        String secured = program.create().withProtection().withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath("/modes/p-");
        Expect.that(secured.startsWith("/modes/_c_") && secured.endsWith("p-0000000006"), secured);
    }

    private static void background(Programs programs) throws Exception {
        CuratorFramework program = programs.start();
        BlockingQueue<String> answers = new LinkedBlockingQueue<>();
        String[] paths = {"/background", "/background/a", "/background/b", "/nowhere/c"};
        for (String path : paths) {
            program.create().inBackground((client, event) -> answers.add(event.getResultCode() + event.getPath())).forPath(path);
        }
        Expect.next("0/background", answers);
        Expect.next("0/background/a", answers);
        Expect.next("0/background/b", answers);
        Expect.next("-101/nowhere/c", answers);
        program.getChildren().inBackground((client, event) -> answers.add("" + event.getChildren().size())).forPath("/background");
        Expect.next("2", answers);
    }

    private static void namespace(Programs programs) throws Exception {
        CuratorFramework program = programs.start();
        CuratorFramework inside = program.usingNamespace("space");
        byte[] large = new byte[200_000];
        Arrays.fill(large, (byte) 'x');
        inside.create().compressed().forPath("/large", large);
        Expect.that(program.getData().forPath("/space/large").length < 10_000, "the data are compressed");
        Expect.that(Arrays.equals(large, inside.getData().decompressed().forPath("/large")), "the data come back");
    }

    private static void access(Programs programs) throws Exception {
        CuratorFramework owner = programs.start(programs.settings().authorization("digest", bytes("corral:horse")));
        CuratorFramework stranger = programs.start();
        owner.create().withACL(Ids.CREATOR_ALL_ACL).forPath("/owned", bytes("x"));
        Expect.fails(KeeperException.NoAuthException.class, () -> stranger.getData().forPath("/owned"));
        Expect.equal("digest", owner.getACL().forPath("/owned").get(0).getId().getScheme());
        owner.setACL().withACL(Ids.READ_ACL_UNSAFE).forPath("/owned");
        Expect.equal("x", text(stranger.getData().forPath("/owned")));
        Expect.fails(KeeperException.NoAuthException.class, () -> stranger.setData().forPath("/owned"));
        Expect.fails(KeeperException.InvalidACLException.class,
            () -> stranger.create().withACL(Collections.emptyList()).forPath("/anyone"));
    }

    private static void watches(Programs programs) throws Exception {
        CuratorFramework program = programs.start();
        BlockingQueue<String> events = new LinkedBlockingQueue<>();
        Watcher watcher = event -> events.add(event.getType() + " " + event.getPath());
        program.checkExists().usingWatcher(watcher).forPath("/seen");
        program.create().forPath("/seen");
        Expect.next("NodeCreated /seen", events);
        program.getData().usingWatcher(watcher).forPath("/seen");
        program.setData().forPath("/seen");
        Expect.next("NodeDataChanged /seen", events);
        program.watchers().add().withMode(AddWatchMode.PERSISTENT_RECURSIVE).usingWatcher(watcher).forPath("/seen");
        program.create().forPath("/seen/below");
        program.setData().forPath("/seen/below");
        program.delete().forPath("/seen/below");
        Expect.next("NodeCreated /seen/below", events);
        Expect.next("NodeDataChanged /seen/below", events);
        Expect.next("NodeDeleted /seen/below", events);
        program.watchers().remove(watcher).forPath("/seen");
        Expect.next("PersistentWatchRemoved /seen", events);
    }

    private static void transaction(Programs programs) throws Exception {
        CuratorFramework program = programs.start();
        List<CuratorTransactionResult> results = program.transaction().forOperations(
            program.transactionOp().create().forPath("/transaction", bytes("a")),
            program.transactionOp().create().withMode(CreateMode.PERSISTENT_SEQUENTIAL).forPath("/transaction/n-"),
            program.transactionOp().setData().withVersion(0).forPath("/transaction", bytes("b")),
            program.transactionOp().check().withVersion(1).forPath("/transaction"),
            program.transactionOp().delete().forPath("/transaction/n-0000000000"));
        Expect.equal(5, results.size());
        Expect.equal(OperationType.CREATE, results.get(1).getType());
        Expect.equal("/transaction/n-0000000000", results.get(1).getResultPath());
        Expect.equal(1, results.get(2).getResultStat().getVersion());
        Expect.equal("b", text(program.getData().forPath("/transaction")));
        Expect.equal(List.of(), program.getChildren().forPath("/transaction"));
    }

    private static void failedTransaction(Programs programs) throws Exception {
        CuratorFramework program = programs.start();
        KeeperException failure = null;
        try {
            program.transaction().forOperations(
                program.transactionOp().create().forPath("/rolled-back"),
                program.transactionOp().check().withVersion(3).forPath("/rolled-back"),
                program.transactionOp().delete().forPath("/rolled-back"));
        } catch (KeeperException caught) {
            failure = caught;
        }
        Expect.that(failure instanceof KeeperException.BadVersionException, "BadVersion: " + failure);
        List<Integer> codes = new ArrayList<>();
        for (OpResult each : failure.getResults()) codes.add(((OpResult.ErrorResult) each).getErr());
        Expect.equal(List.of(0, Code.BADVERSION.intValue(), Code.RUNTIMEINCONSISTENCY.intValue()), codes);
        Expect.equal(null, program.checkExists().forPath("/rolled-back"));
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    private FrameworkCases() {}
}
