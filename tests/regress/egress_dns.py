#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Both ends of what names are tried with.

serve ADDRESS,... ZONE: a DNS server at port 53, by UDP and TCP. ZONE is a file of
"NAME TYPE TTL DATA" lines, read for each question; says "ready", and then
"NAME TYPE udp|tcp" of each. A name "silent.*" is not answered.
ask ADDRESS NAME TYPE [tcp]: a question; prints the code, and the answers' data.
flood ADDRESS NAME N: N questions at once; how many were answered.
lookup NAME [WAIT_S]: as programs do, the addresses or "none: why".
reach NAME PORT: looks it up and connects by TCP: "reached", or "refused: why".
Standard library only; read from standard input by the python3 of a sandbox.
"""
import socket
import struct
import sys
import threading
import time

TYPES = {'A': 1, 'NS': 2, 'CNAME': 5, 'SOA': 6, 'TXT': 16, 'AAAA': 28,
    'HTTPS': 65, 'AXFR': 252, 'ANY': 255}
WAIT_S = 3


def pack_name(name):
    labels = [label for label in name.rstrip('.').split('.') if label]
    return b''.join(bytes([len(label)]) + label.encode()
        for label in labels) + b'\0'


def read_name(data, at):
    labels, jumps = [], 0
    end = None
    while data[at]:
        if data[at] & 0xc0:
            end = end or at + 2
            at = (data[at] & 0x3f) << 8 | data[at + 1]
            jumps += 1
            if jumps > 20:
                raise ValueError('loop')
            continue
        labels.append(data[at + 1:at + 1 + data[at]].decode('latin-1'))
        at += 1 + data[at]
    return '.'.join(labels), end or at + 1


def pack_data(kind, text):
    if kind == 'A':
        return socket.inet_pton(socket.AF_INET, text)
    if kind == 'AAAA':
        return socket.inet_pton(socket.AF_INET6, text)
    if kind in ('CNAME', 'NS'):
        return pack_name(text)
    if kind == 'HTTPS':
        return b'\0\1' + pack_name(text)
    return bytes([len(text)]) + text.encode()


def show_data(kind, data, message, at):
    if kind == TYPES['A']:
        return socket.inet_ntop(socket.AF_INET, data)
    if kind == TYPES['AAAA']:
        return socket.inet_ntop(socket.AF_INET6, data)
    if kind == TYPES['CNAME']:
        return read_name(message, at)[0]
    return 'type%d' % kind


def records(zone):
    with open(zone) as lines:
        for line in lines:
            if line.strip():
                name, kind, ttl, data = line.split(None, 3)
                yield name.lower(), kind, int(ttl), data.strip()


def find(zone, name, kind):
    """The chain, and whether there is such a name at all."""
    name, found, is_there = name.lower(), [], False
    for _ in range(20):
        mine = [r for r in zone if r[0] == name]
        is_there = is_there or bool(mine)
        aliases = [r for r in mine if r[1] == 'CNAME']
        found += [r for r in mine if TYPES[r[1]] == kind]
        if not aliases or kind == TYPES['CNAME']:
            break
        found += aliases
        name = aliases[0][3].lower()
    return found, is_there


def answer(zone, data, way):
    name, at = read_name(data, 12)
    kind, = struct.unpack('>H', data[at:at + 2])
    print(name, {v: k for k, v in TYPES.items()}.get(kind, kind), way,
        flush=True)
    if name.startswith('silent.'):
        return None
    found, is_there = find(list(records(zone)), name, kind)
    body = b''.join(pack_name(n) + struct.pack('>HHIH', TYPES[k], 1, ttl,
        len(pack_data(k, d))) + pack_data(k, d) for n, k, ttl, d in found)
    flags, count = 0x8580 | (0 if is_there else 3), len(found)
    if way == 'udp' and len(body) > 1100:
        flags, count, body = flags | 0x200, 0, b''
    return data[:2] + struct.pack('>HHHHH', flags, 1, count, 0, 0) + \
        data[12:at + 4] + body


def serve_udp(server, zone):
    while True:
        data, peer = server.recvfrom(4096)
        try:
            said = answer(zone, data, 'udp')
            if said:
                server.sendto(said, peer)
        except (OSError, ValueError, IndexError) as error:
            print('error', error, flush=True)


def receive(connection, n):
    data = b''
    while len(data) < n:
        more = connection.recv(n - len(data))
        if not more:
            raise OSError('end')
        data += more
    return data


def serve_one(connection, zone):
    try:
        while True:
            size, = struct.unpack('>H', receive(connection, 2))
            said = answer(zone, receive(connection, size), 'tcp')
            if said:
                connection.sendall(struct.pack('>H', len(said)) + said)
    except (OSError, ValueError, IndexError):
        connection.close()


def serve_tcp(server, zone):
    while True:
        connection, _ = server.accept()
        threading.Thread(target=serve_one, args=(connection, zone),
            daemon=True).start()


def family_of(address):
    return socket.AF_INET6 if ':' in address else socket.AF_INET


def serve(addresses, zone):
    for address in addresses.split(','):
        tcp = socket.create_server((address, 53), family=family_of(address))
        udp = socket.socket(family_of(address), socket.SOCK_DGRAM)
        udp.bind((address, 53))
        for run, server in (serve_tcp, tcp), (serve_udp, udp):
            threading.Thread(target=run, args=(server, zone),
                daemon=True).start()
    print('ready', flush=True)
    threading.Event().wait()


def question(name, kind, number=4711):
    return struct.pack('>HHHHHH', number, 0x100, 1, 0, 0, 0) + \
        pack_name(name) + struct.pack('>HH', TYPES[kind], 1)


def show(data):
    flags, _, count = struct.unpack('>HHH', data[2:8])
    _, at = read_name(data, 12)
    at += 4
    words = ['code%d' % (flags & 15)] + ['tc'] * bool(flags & 0x200)
    for _ in range(count):
        _, at = read_name(data, at)
        kind, _, ttl, size = struct.unpack('>HHIH', data[at:at + 10])
        at += 10
        words.append(show_data(kind, data[at:at + size], data, at))
        at += size
    print(*words)


def ask(address, name, kind, way='udp'):
    data = question(name, kind)
    client = socket.socket(family_of(address),
        socket.SOCK_STREAM if way == 'tcp' else socket.SOCK_DGRAM)
    client.settimeout(WAIT_S * 10)
    try:
        client.connect((address, 53))
        if way == 'tcp':
            client.sendall(struct.pack('>H', len(data)) + data)
            size, = struct.unpack('>H', receive(client, 2))
            show(receive(client, size))
        else:
            client.send(data)
            show(client.recv(4096))
    except OSError as error:
        print('none:', error.strerror or error)


def flood(address, name, n):
    client = socket.socket(family_of(address), socket.SOCK_DGRAM)
    client.settimeout(WAIT_S)
    client.connect((address, 53))
    for i in range(int(n)):
        client.send(question(name, 'A', i & 0xffff))
    count = 0
    try:
        while client.recv(4096):
            count += 1
    except OSError:
        print(count)


def lookup(name, wait_s='0'):
    end = time.monotonic() + float(wait_s)
    while True:
        try:
            found = {a[4][0] for a in socket.getaddrinfo(name, 443,
                type=socket.SOCK_STREAM)}
            print(*sorted(found))
            return
        except OSError as error:
            if time.monotonic() > end:
                print('none:', error.strerror)
                return


def reach(name, port):
    try:
        client = socket.create_connection((name, int(port)), WAIT_S * 10)
        client.send(b'hello')
        print('reached' if client.recv(16) == b'hello' else 'refused: words')
    except OSError as error:
        print('refused:', error.strerror or error)


if __name__ == '__main__':
    globals()[sys.argv[1]](*sys.argv[2:])
