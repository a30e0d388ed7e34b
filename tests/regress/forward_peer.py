# SPDX-License-Identifier: Apache-2.0
"""Both ends of forwards, for tests/regress/forward-*.sh; on either machine.

serve ADDRESS [echo|reset|stall]  serves until nobody reads its output
ask ADDRESS WORDS                 sends, half-closes, prints what comes back
copy ADDRESS                      standard input there, what comes back out
many ADDRESS N                    opens N at once; prints how many are served
ADDRESS is a port of 127.0.0.1 (ip6:PORT: of ::1), or a path.
"""
import os
import select
import socket
import struct
import sys
import threading


def make(address):
    if address.startswith('/'):
        return socket.socket(socket.AF_UNIX), address
    if address.startswith('ip6:'):
        return socket.socket(socket.AF_INET6), ('::1', int(address[4:]))
    return socket.socket(), ('127.0.0.1', int(address))


def connect(address):
    sock, where = make(address)
    sock.settimeout(50)
    sock.connect(where)
    return sock


def receive(sock, out):
    while True:
        data = sock.recv(65536)
        if not data:
            return
        out(data)


def serve_turn(sock, mode):
    """Whether the connection goes on."""
    try:
        data = sock.recv(65536)
        if mode == 'reset':
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack('ii', 1, 0))
            return False
        sock.sendall(data)
        return data != b''
    except OSError:
        return False


def serve(address, mode='echo'):
    sock, where = make(address)
    if not address.startswith('/'):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(where)
    sock.listen(512)
    print('ready', flush=True)

    # One thread: a sandbox may have few.
    poll, open_socks = select.poll(), {}
    poll.register(1, 0)
    poll.register(sock, select.POLLIN)
    while True:
        for fd, _ in poll.poll():
            if fd == 1:
                if address.startswith('/'):
                    os.unlink(address)
                return
            if fd == sock.fileno():
                new = sock.accept()[0]
                open_socks[new.fileno()] = new
                if mode != 'stall':
                    poll.register(new, select.POLLIN)
            elif not serve_turn(open_socks[fd], mode):
                poll.unregister(fd)
                open_socks.pop(fd).close()


def ask(address, words):
    sock = connect(address)
    got = []
    try:
        sock.sendall(words.encode())
        sock.shutdown(socket.SHUT_WR)
        receive(sock, got.append)
    except OSError:
        pass  # hung up on: whether as a reset is chance, of who read when
    print(b''.join(got).decode())


def copy(address):
    sock = connect(address)

    def send():
        while True:
            data = sys.stdin.buffer.read(65536)
            if not data:
                sock.shutdown(socket.SHUT_WR)
                return
            sock.sendall(data)
    threading.Thread(target=send, daemon=True).start()
    receive(sock, sys.stdout.buffer.write)
    sys.stdout.flush()
    os._exit(0)  # the thread may still wait for input


def many(address, count):
    socks = [connect(address) for _ in range(int(count))]
    served = 0
    for sock in socks:
        try:
            sock.sendall(b'x')
            served += sock.recv(1) == b'x'
        except OSError:
            pass
    print(served, flush=True)


globals()[sys.argv[1]](*sys.argv[2:])
