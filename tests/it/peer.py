"""Two ends of a TCP connection, for tests/it/proxy.bats.

    peer.py serve           print a port, and echo what comes in there
    peer.py ask PORT BYTES  send BYTES bytes, read them back, compare them;
                            print how many ms it took, and in how many
                            segments they came
    peer.py flood PORT      send, and read nothing, until nobody takes more;
                            print how many bytes were taken, and hold on
    peer.py hold PORT       print a line once a byte came back, and hold on
    peer.py count PORT N    how many of N connections echo a byte

What breaks a connection is printed by its name in Python.
"""
import random
import socket
import socketserver
import struct
import sys
import threading
import time


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while some := self.request.recv(65536):
                self.request.sendall(some)
        except OSError as e:
            print("server:", type(e).__name__, flush=True)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 256


def serve():
    with Server(("127.0.0.1", 0), Echo) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


def connect(port):
    s = socket.create_connection(("127.0.0.1", int(port)), timeout=30)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def send(s, data, errors):
    try:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
    except OSError as e:
        errors.append(e)


def segments(s):
    """How many segments with data the kernel received.

    How many reads they make hangs on when the reader gets the processor: one
    read may fetch them all. tcpi_data_segs_in, Linux's linux/tcp.h.
    """
    info = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 160)
    return struct.unpack_from("=I", info, 152)[0]


def ask(port, size):
    data = random.Random(1).randbytes(int(size))
    s = connect(port)
    began = time.monotonic()
    errors = []
    sender = threading.Thread(target=send, args=(s, data, errors), daemon=True)
    sender.start()
    got = bytearray()
    while some := s.recv(65536):
        got += some
    took = time.monotonic() - began
    if got != data:
        # The kernel tells of a reset once: who asks next reads the end.
        sender.join()
        if errors:
            raise errors[0]
        sys.exit(f"{len(data)} bytes went out, {len(got)} others came back")
    print(int(took * 1000), segments(s))


def flood(port):
    s = connect(port)
    s.settimeout(2)
    sent = 0
    try:
        while sent < 1 << 30:
            sent += s.send(bytes(65536))
    except TimeoutError:
        pass
    print(sent, flush=True)
    sys.stdin.read()


def hold(port):
    s = connect(port)
    s.sendall(b"x")
    s.recv(1)
    print("held", flush=True)
    s.recv(1)
    print("ended", flush=True)


def count(port, n):
    echoed = 0
    for _ in range(int(n)):
        try:
            with connect(port) as s:
                s.sendall(b"x")
                echoed += s.recv(1) == b"x"
        except OSError:
            pass
    print(echoed)


try:
    globals()[sys.argv[1]](*sys.argv[2:])
except OSError as e:
    print(type(e).__name__, flush=True)
    sys.exit(1)
