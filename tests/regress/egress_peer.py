#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Both ends of what egress policies are tried with.

serve ADDRESS,... PORT...: answers TCP and UDP there; says "ready", and then
what comes.
ask tcp|udp ADDRESS PORT: "reached", or "refused: why".
hold ADDRESS PORT: connects, then sends each line of standard input and prints
what comes back, or "cut: why".
talk ADDRESS PORT: sends one datagram, then prints a line for each that comes.
A server of UDP that is told "stream" goes on for twenty minutes.
Standard library only; read from standard input by the python3 of a sandbox.
"""
import socket
import sys
import threading
import time

WAIT_S = 30


def answer(connection):
    try:
        while data := connection.recv(4096):
            print(data[:32], flush=True)
            connection.sendall(data)
    except OSError:
        pass
    connection.close()


def serve_tcp(server):
    while True:
        connection, _ = server.accept()
        threading.Thread(target=answer, args=(connection,),
            daemon=True).start()


def stream(server, peer):
    for i in range(12000):
        server.sendto(b'%d' % i, peer)
        time.sleep(0.1)


def serve_udp(server):
    while True:
        data, peer = server.recvfrom(8192)
        print(data[:32], flush=True)
        server.sendto(data, peer)
        if data == b'stream':
            threading.Thread(target=stream, args=(server, peer),
                daemon=True).start()


def family_of(address):
    return socket.AF_INET6 if ':' in address else socket.AF_INET


def serve(addresses, *ports):
    for address in addresses.split(','):
        for port in ports:
            tcp = socket.create_server((address, int(port)),
                family=family_of(address), backlog=64)
            udp = socket.socket(family_of(address), socket.SOCK_DGRAM)
            udp.bind((address, int(port)))
            for run, server in (serve_tcp, tcp), (serve_udp, udp):
                threading.Thread(target=run, args=(server,),
                    daemon=True).start()
    print('ready', flush=True)
    threading.Event().wait()


def ask(protocol, address, port):
    kind = socket.SOCK_STREAM if protocol == 'tcp' else socket.SOCK_DGRAM
    client = socket.socket(family_of(address), kind)
    client.settimeout(WAIT_S)
    try:
        client.connect((address, int(port)))
        client.send(b'hello')
        print('reached' if client.recv(16) == b'hello' else 'refused: words')
    except OSError as error:
        print('refused:', error.strerror or 'no answer')


def hold(address, port):
    client = socket.socket(family_of(address), socket.SOCK_STREAM)
    client.settimeout(WAIT_S)
    client.connect((address, int(port)))
    print('ready', flush=True)
    for line in sys.stdin:
        try:
            client.send(line.encode())
            data = client.recv(4096)
            print(data.decode().strip() or 'cut: end', flush=True)
        except OSError as error:
            print('cut:', error.strerror or 'no answer', flush=True)


def talk(address, port):
    client = socket.socket(family_of(address), socket.SOCK_DGRAM)
    client.connect((address, int(port)))
    client.send(b'stream')
    while True:
        try:
            print(client.recv(64).decode(), flush=True)
        except OSError as error:
            print(error.strerror, flush=True)


globals()[sys.argv[1]](*sys.argv[2:])
