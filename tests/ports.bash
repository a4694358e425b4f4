# ports.bash - TCP ports for all tests in shell.
# shellcheck shell=bash

# unused_port [N]: print a TCP port of 127.0.0.1, or N of them, that nobody
# listens on, and that nobody else is given soon: all tests of this user take
# turns at one counter, in whatever order they run and in however many
# checkouts. The kernel gives ports from 32768 on to whoever connects; it might
# give one of these away before a test listens there.
unused_port() {
    python3 -c 'import fcntl, os, socket, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(fd, fcntl.LOCK_EX)
port = int(os.read(fd, 20) or 0)
ports = []
while len(ports) < int(sys.argv[2]):
    port = port + 1 if 21000 <= port < 28000 else 21000
    try:
        with socket.socket() as s:
            s.bind(("127.0.0.1", port))
        ports.append(port)
    except OSError:
        pass
os.pwrite(fd, b"%d\n" % port, 0)
print(*ports)' "/tmp/pricefeed-tests-$(id -u).port" "${1:-1}"
}
