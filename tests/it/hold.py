#!/usr/bin/env python3
"""hold.py - open many connections to 127.0.0.1:PORT, and leave them there.

    hold.py PORT TOTAL AT_ONCE TEXT

Opens TOTAL connections, of which the last AT_ONCE stay open, sends TEXT on each
and reads nothing. Prints how many were opened at once, and how many were not. At
the end of its standard input it ends.
"""
import collections
import resource
import socket
import sys

port, total, at_once = (int(argument) for argument in sys.argv[1:4])
text = sys.argv[4].encode().decode("unicode_escape").encode("latin-1")

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, at_once + 100), hard))

held = collections.deque()
opened = ended = 0
for _ in range(total):
    if len(held) == at_once:
        held.popleft().close()
    one = socket.socket()
    one.setblocking(False)  # a server that is busy is not waited for
    held.append(one)
    one.connect_ex(("127.0.0.1", port))
    try:
        one.sendall(text)
        opened += 1
    except OSError:
        ended += 1
print(f"opened {opened}, others {ended}", flush=True)
sys.stdin.read()
