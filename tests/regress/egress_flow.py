#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Both ends of traffic that is counted.

receive LINK ADDRESS4,ADDRESS6 PORT FORBIDDEN,...: numbers that come by UDP to the
first address and by one connection of TCP to the second, and all packets that
come by the link for those that are forbidden. Says "ready", and then, all the
time, "udp N missing N tcp N forbidden N": the last number, how many before it did
not come, and how many packets came that should not.
send ADDRESS4,ADDRESS6 PORT FORBIDDEN,...: sends them, 200 a second by each, and
as much to those that are forbidden, by UDP and as connections.
names ADDRESS NAME: asks there for it, all the time; "answer N" or "gap S" of
each, the second where it took longer than one question, in seconds.
Standard library only.
"""
import select
import socket
import struct
import sys
import time

EVERY_S = 0.005
TELL_S = 0.05
ASK_S = 0.03
ASK_TIMEOUT_S = 0.2
ETH_P_ALL = 3
SO_RCVBUFFORCE = 33
ROOM = 32 << 20
CONNECT_EVERY = 10


def family_of(address):
    return socket.AF_INET6 if ':' in address else socket.AF_INET


class Receiver:
    def __init__(self, link, addresses, port, forbidden):
        four, six = addresses.split(',')
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((four, int(port)))
        self.listener = socket.create_server((six, int(port)),
                                             family=socket.AF_INET6)
        self.tcp = None
        self.all = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                 socket.htons(ETH_P_ALL))
        self.all.bind((link, ETH_P_ALL))
        # However late this process has its turn.
        for one in self.udp, self.all:
            one.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM)
        self.forbidden = {socket.inet_pton(family_of(a), a)
                          for a in forbidden.split(',')}
        self.last = {'udp': -1, 'tcp': -1}
        self.missing = self.packets = 0
        self.rest = b''

    def take(self, way, number):
        if number < self.last[way]:
            self.missing -= 1
            return
        self.missing += number - self.last[way] - 1
        self.last[way] = number

    def take_stream(self):
        data = self.rest + self.tcp.recv(65536)
        if len(data) == len(self.rest):
            print('the connection ended', flush=True)
            sys.exit(1)
        n = len(data) // 8
        for number, in struct.iter_unpack('>Q', data[:n * 8]):
            self.take('tcp', number)
        self.rest = data[n * 8:]

    def take_packet(self):
        data, about = self.all.recvfrom(256)
        if about[2] == socket.PACKET_OUTGOING:
            return
        to = data[16:20] if data[0] >> 4 == 4 else data[24:40]
        self.packets += to in self.forbidden

    def run(self):
        print('ready', flush=True)
        told = 0.0
        while True:
            watched = [self.udp, self.all, self.tcp or self.listener]
            for ready in select.select(watched, [], [], TELL_S)[0]:
                if ready is self.udp:
                    self.take('udp', struct.unpack('>Q',
                                                   self.udp.recv(8))[0])
                elif ready is self.all:
                    self.take_packet()
                elif ready is self.listener:
                    self.tcp = self.listener.accept()[0]
                else:
                    self.take_stream()
            if time.monotonic() > told + TELL_S:
                told = time.monotonic()
                print('udp', self.last['udp'], 'missing', self.missing, 'tcp',
                      self.last['tcp'], 'forbidden', self.packets, flush=True)


def receive(*words):
    Receiver(*words).run()


def try_forbidden(address, port, number):
    with socket.socket(family_of(address), socket.SOCK_DGRAM) as udp:
        try:
            udp.sendto(struct.pack('>Q', number), (address, port))
        except OSError:
            pass
    if number % CONNECT_EVERY:
        return
    with socket.socket(family_of(address), socket.SOCK_STREAM) as tcp:
        tcp.setblocking(False)
        try:
            tcp.connect((address, port))
        except OSError:
            pass


def send(addresses, port, forbidden):
    four, six = addresses.split(',')
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.connect((four, int(port)))
    tcp = socket.create_connection((six, int(port)))
    number = 0
    while True:
        for one in udp, tcp:
            one.sendall(struct.pack('>Q', number))
        for address in forbidden.split(','):
            try_forbidden(address, int(port), number)
        number += 1
        time.sleep(EVERY_S)


def names(address, name):
    question = b''.join(bytes([len(label)]) + label.encode()
                        for label in name.split('.')) + b'\0\0\1\0\1'
    client = socket.socket(family_of(address), socket.SOCK_DGRAM)
    client.connect((address, 53))
    client.settimeout(ASK_TIMEOUT_S)
    number, since = 0, time.monotonic()
    while True:
        number += 1
        try:
            client.send(struct.pack('>H', number & 0xffff) +
                        b'\1\0\0\1\0\0\0\0\0\0' + question)
            while True:
                data = client.recv(512)
                if data[:2] == struct.pack('>H', number & 0xffff):
                    break
            # With an address, and not that something failed.
            if data[3] & 15 == 0 and data[7] > 0:
                took = time.monotonic() - since
                if took > ASK_TIMEOUT_S:
                    print('gap %.2f' % took, flush=True)
                since = time.monotonic()
                print('answer', number, flush=True)
        except OSError:
            pass
        time.sleep(ASK_S)


if __name__ == '__main__':
    globals()[sys.argv[1]](*sys.argv[2:])
