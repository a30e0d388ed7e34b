#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a sandbox of limits gets through, as it sees it itself.

flood ADDRESS PORT COUNT one|many: sends so many datagrams, by one socket or
each by its own; prints how many went out, and in how many milliseconds.
echo ADDRESS PORT BYTES: has so many come back over TCP; prints milliseconds.
hold ADDRESS PORT COUNT [SECONDS]: tries so many connections at once; prints how
many there were, and keeps them for so long.
ask ADDRESS PORT COUNT one|many: the same as flood; prints how many were
answered, in how many milliseconds they were sent and the last answered, and
when that was, in milliseconds of the time of day.
Standard library only; read from standard input by the python3 of a sandbox.
"""
import socket
import sys
import threading
import time


def family_of(address):
    return socket.AF_INET6 if ':' in address else socket.AF_INET


def flood(address, port, count, how):
    sent, begin = 0, time.monotonic()
    kept = []
    client = None
    for _ in range(int(count)):
        if client is None or how == 'many':
            client = socket.socket(family_of(address), socket.SOCK_DGRAM)
            client.connect((address, int(port)))
            kept.append(client)
        try:
            client.send(b'flood')
            sent += 1
        except PermissionError:
            pass
    print(sent, int((time.monotonic() - begin) * 1000) + 1)


def echo(address, port, count):
    client = socket.create_connection((address, int(port)), timeout=60)
    left, begin = int(count), time.monotonic()
    data = bytes(left)
    threading.Thread(target=client.sendall, args=(data,),
        daemon=True).start()
    while left > 0 and (piece := client.recv(65536)):
        left -= len(piece)
    assert left == 0, 'bytes are missing'
    print(int((time.monotonic() - begin) * 1000))


def ask(address, port, count, how):
    answered, begin = 0, time.monotonic()
    last, day, clients = begin, time.time(), []
    for _ in range(int(count)):
        if not clients or how == 'many':
            client = socket.socket(family_of(address), socket.SOCK_DGRAM)
            client.connect((address, int(port)))
            clients.append(client)
        clients[-1].send(b'ask')
    for client in clients:
        # What has not come after so many seconds does not come.
        client.settimeout(max(begin + 10 - time.monotonic(), 0.001)
            if how == 'many' else 5)
        try:
            while client.recv(100):
                answered += 1
                last, day = time.monotonic(), time.time()
                if how == 'many':
                    break
        except OSError:
            pass
    print(answered, int((last - begin) * 1000) + 1, int(day * 1000) + 1)


def hold(address, port, count, seconds=0):
    held = []
    for _ in range(int(count)):
        try:
            held.append(socket.create_connection((address, int(port)),
                timeout=30))
        except OSError:
            pass
    print(len(held), flush=True)
    time.sleep(int(seconds))


globals()[sys.argv[1]](*sys.argv[2:])
