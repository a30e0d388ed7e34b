#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""foreign-fds.py SOCKET PID: what a taken-over broker could send to sandboxd,
whose pid it is: with a call that takes no descriptors a TCP socket whose last
close(2) waits. Prints whether another peer is still answered."""
import array
import os
import signal
import socket
import struct
import sys


def lingering():
    server = socket.create_server(('127.0.0.1', 0))
    client = socket.create_connection(server.getsockname())
    peer = server.accept()[0]
    client.setblocking(False)
    try:
        while True:
            client.send(bytes(65536))
    except BlockingIOError:
        pass
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
        struct.pack('ii', 1, 30))
    return client, peer


def connect():
    client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.connect(sys.argv[1])
    client.settimeout(5)
    return client


try:
    connect().setsockopt(socket.SOL_SOCKET, 83, 1)  # SO_PASSRIGHTS
except OSError:
    print('answered: not asked, this kernel is older than 6.16')
    sys.exit()
HOST_STATUS = struct.pack('HHIiI', 2, 0, 1, 0, 0)
attacker, neighbour = connect(), connect()
sent, peer = lingering()
# Held until ours is closed, so that sandboxd's is the last reference.
os.kill(int(sys.argv[2]), signal.SIGSTOP)
try:
    attacker.sendmsg([HOST_STATUS], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
        array.array('i', [sent.fileno()]))])
except PermissionError:  # the kernel itself does not let it pass
    sent.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
        struct.pack('ii', 0, 0))
# Else it is not the last reference any more; sandboxd's may be.
sent.close()
os.kill(int(sys.argv[2]), signal.SIGCONT)
neighbour.send(HOST_STATUS)
try:
    print('answered' if neighbour.recv(65536) else 'hung up')
except socket.timeout:
    print('not answered')
