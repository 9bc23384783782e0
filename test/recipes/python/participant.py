"""Takes part in every scenario, in the order that it is given: participant.py HOST:PORT ROUNDS SCENARIO..."""

import datetime
import sys
import time
import traceback

from kazoo.client import KazooClient
from kazoo.recipe.barrier import Barrier, DoubleBarrier
from kazoo.recipe.counter import Counter
from kazoo.recipe.election import Election
from kazoo.recipe.lease import MultiNonBlockingLease, NonBlockingLease
from kazoo.recipe.lock import Lock, WriteLock
from kazoo.recipe.partitioner import SetPartitioner
from kazoo.recipe.party import Party
from kazoo.recipe.queue import LockingQueue, Queue

ME = "python"
LIMIT = 40


class CuratorLock(Lock):
    """A lock whose nodes are named so that Curator sorts them among its own."""

    _NODE_NAME = "-lock-"
    _EXCLUDE_NAMES = ["-lock-"]


class CuratorElection(Election):
    def __init__(self, client, path):
        self.lock = CuratorLock(client, path, ME)


class SimpleQueue(Queue):
    """A queue that puts what Curator's SimpleDistributedQueue takes."""

    def put(self, value):
        self._ensure_paths()
        self.client.create(self.path + "/qn-", value, sequence=True)


class Participant:
    def __init__(self, address, rounds):
        self.zk = KazooClient(hosts=address, timeout=20)
        self.zk.start()
        self.rounds = rounds

    def take_part_in(self, name):
        folder = "/" + name
        self.zk.create(folder + "/arrived/" + ME)
        while self.zk.exists(folder + "/go") is None:
            time.sleep(0.01)
        verdict = "ok"
        try:
            getattr(self, name.replace("-", "_"))()
        except Exception as failure:
            traceback.print_exc()
            verdict = repr(failure)
        self.zk.create(folder + "/done/" + ME, verdict.encode())

    def count_alone(self, folder):
        """Nobody else is inside, and nobody else counts meanwhile."""
        self.zk.create(folder + "/inside", ephemeral=True)
        count = int(self.zk.get(folder + "/counter")[0])
        time.sleep(0.003)
        self.zk.set(folder + "/counter", str(count + 1).encode())
        self.zk.delete(folder + "/inside")

    def lock(self):
        for _ in range(self.rounds):
            with CuratorLock(self.zk, "/lock/path", ME):
                self.count_alone("/lock")

    def kazoo_lock(self):
        """As kazoo comes, told how others call their nodes."""
        for _ in range(self.rounds):
            lock = Lock(self.zk, "/kazoo-lock/path", ME, extra_lock_patterns=["-lock-"])
            assert lock.acquire(timeout=LIMIT)
            self.count_alone("/kazoo-lock")
            lock.release()

    def kazoo_read_write_lock(self):
        """Only writes: a ReadLock of kazoo 2.8 also waits for writers behind it, who wait for it."""
        for _ in range(self.rounds):
            with WriteLock(self.zk, "/kazoo-read-write-lock/path"):
                self.count_alone("/kazoo-read-write-lock")

    def election(self):
        for _ in range(self.rounds):
            CuratorElection(self.zk, "/election/path").run(self.count_alone, "/election")

    def barrier(self):
        self.zk.create("/barrier/waiting/" + ME)
        assert Barrier(self.zk, "/barrier/path").wait(LIMIT)
        assert self.zk.exists("/barrier/lifted") is not None

    def double_barrier(self):
        barrier = DoubleBarrier(self.zk, "/double-barrier/path", 3, ME)
        self.zk.create("/double-barrier/came/" + ME)
        barrier.enter()
        assert len(self.zk.get_children("/double-barrier/came")) == 3
        self.zk.create("/double-barrier/leaving/" + ME)
        barrier.leave()
        assert len(self.zk.get_children("/double-barrier/leaving")) == 3

    def count(self):
        counter = Counter(self.zk, "/count/path", support_curator=True)
        for _ in range(self.rounds):
            counter += 1

    def kazoo_counter(self):
        counter = Counter(self.zk, "/kazoo-counter/path")
        for _ in range(self.rounds):
            counter += 1

    def queue(self):
        queue = SimpleQueue(self.zk, "/queue/path")
        for round in range(self.rounds):
            queue.put("{} {}".format(ME, round).encode())
        taken = 0
        while taken < self.rounds:
            item = queue.get()
            if item is None:
                time.sleep(0.01)
                continue
            self.zk.create("/queue/taken/" + item.decode())
            taken += 1

    def locking_queue(self):
        queue = LockingQueue(self.zk, "/locking-queue/path")
        for round in range(self.rounds):
            queue.put("{} {}".format(ME, round).encode())
        for _ in range(self.rounds):
            item = queue.get(LIMIT)
            self.zk.create("/locking-queue/taken/" + item.decode())
            assert queue.consume()

    def timed_lease(self):
        for_long = datetime.timedelta(minutes=5)
        assert NonBlockingLease(self.zk, "/timed-lease/python", for_long, ME)
        self.zk.create("/timed-lease/taken/" + ME)
        while self.zk.exists("/timed-lease/taken/typescript") is None:
            time.sleep(0.01)
        assert not NonBlockingLease(self.zk, "/timed-lease/typescript", for_long, ME)

    def timed_leases(self):
        for_long = datetime.timedelta(minutes=5)
        assert MultiNonBlockingLease(self.zk, 2, "/timed-leases/path", for_long, ME)
        self.zk.create("/timed-leases/taken/" + ME)

    def partition(self):
        """Nobody else has what is ours: his node would stand in our way."""
        partitioner = SetPartitioner(
            self.zk, "/partition/path", set=tuple("abcdef"), identifier=ME, time_boundary=0.5
        )
        is_settled = False
        while not is_settled:
            assert not partitioner.failed
            if partitioner.release:
                partitioner.release_set()
            elif partitioner.acquired:
                items = list(partitioner)
                for item in items:
                    self.zk.create("/partition/held/" + item, ephemeral=True)
                is_settled = len(items) == 2
                if is_settled:
                    self.zk.create("/partition/settled/" + ME)
                    while len(self.zk.get_children("/partition/settled")) < 3:
                        time.sleep(0.01)
                while not is_settled and partitioner.acquired:
                    time.sleep(0.01)
                for item in items:
                    self.zk.delete("/partition/held/" + item)
            else:
                partitioner.wait_for_acquire(1)
        partitioner.finish()

    def party(self):
        party = Party(self.zk, "/party/path", ME)
        party.join()
        while sorted(party) != [ME, "typescript"]:
            time.sleep(0.01)
        self.zk.create("/party/found/" + ME)
        while self.zk.exists("/party/found/typescript") is None:
            time.sleep(0.01)
        party.leave()


participant = Participant(sys.argv[1], int(sys.argv[2]))
for name in sys.argv[3:]:
    participant.take_part_in(name)
participant.zk.stop()
