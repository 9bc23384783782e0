"""A kazoo client that does what it is told on standard input, line by line, and says what it is told by its servers.

create PATH   an ephemeral node; says "created SESSION"
read PATH     says "read DATA", or "read nothing"
Each change of its state is a line "state SUSPENDED" and the like.
"""

import sys

from kazoo.client import KazooClient
from kazoo.exceptions import NoNodeError


def say(*words):
    print(*words, flush=True)


def main(hosts, timeout_s):
    client = KazooClient(hosts=hosts, timeout=float(timeout_s))
    client.add_listener(lambda state: say("state", state))
    client.start(timeout=60)
    for line in sys.stdin:
        verb, path = line.split()
        if verb == "create":
            client.retry(client.create, path, b"x", ephemeral=True)
            say("created", client.client_id[0])
        elif verb == "read":
            try:
                say("read", client.retry(client.get, path)[0].decode())
            except NoNodeError:
                say("read nothing")
    client.stop()
    client.close()


main(*sys.argv[1:])
