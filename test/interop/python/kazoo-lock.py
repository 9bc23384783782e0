"""Takes kazoo's lock as it is told on standard input, line by line: kazoo-lock.py HOST:PORT PATH

take      waits for it; says "taken"
try       says "taken", or "refused" where another has it
release   says "released"
"""

import sys

from kazoo.client import KazooClient


def main(hosts, path):
    client = KazooClient(hosts=hosts)
    client.start(timeout=60)
    lock = client.Lock(path, "kazoo")
    for line in sys.stdin:
        verb = line.strip()
        if verb == "release":
            lock.release()
            print("released", flush=True)
        else:
            taken = lock.acquire(blocking=verb == "take")
            print("taken" if taken else "refused", flush=True)
    client.stop()
    client.close()


main(*sys.argv[1:])
