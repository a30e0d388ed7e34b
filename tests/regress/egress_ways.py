#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Ways out of a sandbox that are no ordinary packet, and what sees them pass.

egress_ways.py watch LINK prints, of each frame that comes in there, a line:
"igmp", "mld", "nd" or "arp" where it is that, and the tokens in it.
egress_ways.py mirror ADDRESS PORT answers each datagram with whence it came.
egress_ways.py try WAY,ADDRESS,PORT,TOKEN[,ARGUMENT]... goes each way in turn,
and prints for each "sent", or "refused: why".
Standard library only; read from standard input by the python3 of a sandbox.
"""
import ctypes
import fcntl
import os
import re
import socket
import struct
import sys
import time

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = \
    0x20000, 0x10000000, 0x20000000, 0x40000000
LINK = b'eth0'
SO_MARK, IP_TRANSPARENT, IPV6_TRANSPARENT = 36, 19, 75
IP_UNICAST_IF, IPV6_UNICAST_IF, IP_PKTINFO, IP_RETOPTS = 50, 76, 8, 7
UDP_SEGMENT, IPV6_ADDRFORM, IPV6_RTHDR = 103, 1, 57
SIOCSARP, SIOCADDRT, SIOCSIFADDR, SIOCGIFHWADDR, TUNSETIFF = \
    0x8955, 0x890b, 0x8916, 0x8927, 0x400454ca
SYS_SOCKET = {'x86_64': 41, 'aarch64': 198}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)


def mirror(address, port):
    """Tells each who asks whence."""
    server = udp(address)
    server.bind((address, int(port)))
    print('ready', flush=True)
    while True:
        peer = server.recvfrom(64)[1]
        server.sendto(b'%s %d' % (peer[0].encode(), peer[1]), peer)


def is_ipv4(address):
    return ':' not in address


def family_of(address):
    return socket.AF_INET if is_ipv4(address) else socket.AF_INET6


def udp(address):
    return socket.socket(family_of(address), socket.SOCK_DGRAM)


def packed(address):
    return socket.inet_pton(family_of(address), address)


def checked(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno(), what + ': ' +
            os.strerror(ctypes.get_errno()))
    return result


def watch(link):
    client = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    client.bind((link, 0))
    print('ready', flush=True)
    while True:
        frame, source = client.recvfrom(65536)
        if source[2] == socket.PACKET_OUTGOING:
            continue
        kind, = struct.unpack_from('!H', frame, 12)
        words = re.findall(rb'token-[0-9]+-[a-z0-9]*', frame)
        if kind == 0x806:
            words.append(b'arp')
        elif kind == 0x800 and frame[23] == 2:
            words.append(b'igmp')
        elif kind == 0x86dd and len(frame) > 62:
            # A hop-by-hop header is before what tells of groups.
            icmp = frame[54] if frame[20] == 58 else \
                frame[62] if frame[20] == 0 and frame[54] == 58 else 0
            words += [b'nd'] if icmp in range(133, 138) else []
            words += [b'mld'] if icmp in (131, 132, 143) else []
        if words:
            print(b' '.join(words).decode(), flush=True)


# Ordinary sockets with an unusual option.

def plain(to, port, token):
    udp(to).sendto(token, (to, port))


def tcp(to, port, token):
    client = socket.create_connection((to, port), timeout=3)
    client.send(token)


def mapped(to, port, token):
    client = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    client.settimeout(3)
    client.connect(('::ffff:' + to, port))
    client.send(token)


def former(to, port, token):
    """Begun as a socket of the other family."""
    client = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    client.connect(('::ffff:' + to, port))
    client.setsockopt(socket.IPPROTO_IPV6, IPV6_ADDRFORM, socket.AF_INET)
    client.send(token)


def hops(to, port, token, number):
    client = udp(to)
    if is_ipv4(to):
        client.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, int(number))
    else:
        client.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS,
            int(number))
    client.sendto(token, (to, port))


def broadcast(to, port, token):
    client = udp(to)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    client.sendto(token, (to, port))


def multicast(to, port, token):
    """On the link, whatever the routes say."""
    client = udp(to)
    index = socket.if_nametoindex(LINK.decode())
    if is_ipv4(to):
        client.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
            struct.pack('4s4si', bytes(4), bytes(4), index))
        client.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 9)
    else:
        client.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 9)
    client.sendto(token, (to, port) if is_ipv4(to) else (to, port, 0, index))


def scoped(to, port, token):
    """To an address of the link."""
    udp(to).sendto(token, (to, port, 0, socket.if_nametoindex(LINK.decode())))


def join(to, port, token):
    """Of which the kernel tells the link's routers by itself."""
    client = udp(to)
    index = socket.if_nametoindex(LINK.decode())
    if is_ipv4(to):
        client.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
            struct.pack('4s4si', packed(to), bytes(4), index))
    else:
        client.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
            packed(to) + struct.pack('I', index))
    time.sleep(0.3)


def device(to, port, token, name):
    client = udp(to)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE,
        name.encode())
    client.sendto(token, (to, port))


def unicast_if(to, port, token, name):
    client = udp(to)
    level, option = (socket.IPPROTO_IP, IP_UNICAST_IF) if is_ipv4(to) else \
        (socket.IPPROTO_IPV6, IPV6_UNICAST_IF)
    client.setsockopt(level, option,
        struct.pack('!I', socket.if_nametoindex(name)))
    client.sendto(token, (to, port))


def information(to, source, name):
    """A source and a link for one message."""
    index = socket.if_nametoindex(name) if name else 0
    if is_ipv4(to):
        return socket.IPPROTO_IP, IP_PKTINFO, struct.pack('=i4s4s', index,
            packed(source), bytes(4))
    return socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, \
        packed(source) + struct.pack('I', index)


def message_from(to, port, token, source):
    udp(to).sendmsg([token], [information(to, source, '')], 0, (to, port))


def message_free_from(to, port, token, source):
    client = udp(to)
    client.setsockopt(socket.IPPROTO_IP, 15, 1)  # IP_FREEBIND
    client.sendmsg([token], [information(to, source, '')], 0, (to, port))


def message_by(to, port, token, name):
    source = '0.0.0.0' if is_ipv4(to) else '::'
    udp(to).sendmsg([token], [information(to, source, name)], 0, (to, port))


def message_route(to, port, token, through):
    """The options of a route, with one message."""
    if is_ipv4(to):
        option = socket.IPPROTO_IP, IP_RETOPTS, \
            struct.pack('BBB', 131, 11, 4) + packed(through) + packed(to) + \
            b'\0'
    else:
        option = socket.IPPROTO_IPV6, IPV6_RTHDR, \
            struct.pack('BBBBBBH', 0, 4, 4, 1, 1, 0, 0) + packed(to) + \
            packed(through)
    udp(to).sendmsg([token], [option], 0, (to, port))


def record_route(to, port, token):
    client = udp(to)
    client.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS,
        struct.pack('BBB', 7, 39, 4) + bytes(37))
    client.sendto(token, (to, port))


def marked(to, port, token):
    client = udp(to)
    client.setsockopt(socket.SOL_SOCKET, SO_MARK,
        struct.pack('I', 0x80000101))
    client.sendto(token, (to, port))


def message_marked(to, port, token):
    udp(to).sendmsg([token], [(socket.SOL_SOCKET, SO_MARK,
        struct.pack('I', 0x80000101))], 0, (to, port))


def transparent(to, port, token, source):
    client = udp(to)
    client.setsockopt(*((socket.IPPROTO_IP, IP_TRANSPARENT, 1) if is_ipv4(to)
        else (socket.IPPROTO_IPV6, IPV6_TRANSPARENT, 1)))
    client.bind((source, 0))
    client.sendto(token, (to, port))


def free_bound(to, port, token, source):
    client = udp(to)
    client.setsockopt(socket.IPPROTO_IP, 15, 1)  # IP_FREEBIND
    client.bind((source, 0))
    client.sendto(token, (to, port))


def bound(to, port, token, source):
    client = udp(to)
    client.bind((source, 0))
    client.sendto(token, (to, port))


def corked(to, port, token, first):
    """One packet for two: begun for another, ended for this one."""
    client = udp(to)
    client.sendto(token, socket.MSG_MORE, (first, 8080))
    client.sendto(token, (to, port))


def again(to, port, token, first):
    """A socket whose flow was let out, connected anew."""
    client = udp(to)
    client.connect((first, 8080))
    client.send(b'first')
    client.connect((to, port))
    client.send(token)


def segments(to, port, token):
    """Many packets that the kernel sends as one."""
    client = udp(to)
    client.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 100)
    client.sendto((token + bytes(100))[:100] * 9, (to, port))


def back(to, port, token):
    """What the server sees this come from: from there nothing comes in."""
    first, other = udp(to), udp(to)
    first.settimeout(3)
    first.sendto(b'whence', (to, port))
    seen = first.recv(64).decode()
    address, number = seen.rsplit(' ', 1)
    first.settimeout(1)
    other.sendto(token, (address, int(number)))
    try:
        if token in first.recv(64):
            print('came back', end=' ')
    except socket.timeout:
        raise OSError(0, 'nothing came from ' + address) from None


# Other sockets, and namespaces of one's own.

def other_socket(to, port, token, family, kind, protocol):
    """socket(2) with numbers of 64 bits, which the kernel reads 32 of."""
    fd = checked(libc.syscall(ctypes.c_long(SYS_SOCKET), *map(ctypes.c_ulong,
        [int(family, 0), int(kind, 0), int(protocol, 0)])), 'socket')
    client = socket.socket(fileno=fd)
    if client.type == socket.SOCK_DGRAM:
        client.sendto(token, (to, port))


def raw(to, port, token, protocol):
    """With the protocol's number, and ports where others have theirs."""
    client = socket.socket(family_of(to), socket.SOCK_RAW, int(protocol))
    client.sendto(struct.pack('!HHHHI', 40000, port, 12 + len(token), 0, 0) +
        token, (to, 0))


def owned_raw(to, port, token, protocol):
    own(CLONE_NEWUSER)
    raw(to, port, token, protocol)


def piece(to, port, token):
    """The first of a packet, which says that there is more of it."""
    client = socket.socket(socket.AF_INET, socket.SOCK_RAW, 255)
    client.setsockopt(socket.IPPROTO_IP, 22, 1)  # IP_NODEFRAG
    whole = datagram(own_address(to), to, 17, udp_payload(port, token))
    client.sendto(whole[:6] + b'\x20\0' + whole[8:], (to, 0))


def own(flags):
    checked(libc.unshare(flags), 'unshare')


def owned_transparent(to, port, token, source):
    own(CLONE_NEWUSER)
    transparent(to, port, token, source)


def owned_message_marked(to, port, token):
    own(CLONE_NEWUSER)
    message_marked(to, port, token)


def owned_ioctl(to, port, token):
    own(CLONE_NEWUSER)
    ioctls(to, port, token)


def ioctls(to, port, token):
    """An address, a route, a neighbour, as programs of old did it."""
    client = udp('0.0.0.0')
    address = struct.pack('=HH4s8x', socket.AF_INET, 0, packed('192.0.2.99'))
    mask = struct.pack('=HH4s8x', socket.AF_INET, 0, b'\xff' * 4)
    why = ''
    for number, argument in (
            (SIOCSIFADDR, struct.pack('16s', LINK) + address + bytes(8)),
            (SIOCSARP, address + struct.pack('=HBB6x6x', 1, 2, 0) + bytes(48)),
            (SIOCADDRT, bytes(8) + address + address + mask + bytes(64))):
        try:
            fcntl.ioctl(client, number, argument)
        except OSError as error:
            why = error
            if error.errno != 1:
                raise OSError(0, '%x: %s' % (number, error)) from None
            continue
        return
    raise why


def tun(to, port, token, kind):
    """A link of one's own; no other end, but for who has one that leads out."""
    path = '/dev/net/tun'
    if not os.path.exists(path):
        path = '/tmp/tun'
        os.mknod(path, 0o20600, os.makedev(10, 200))
    fcntl.ioctl(os.open(path, os.O_RDWR), TUNSETIFF,
        struct.pack('16sH22x', b'own0', int(kind) | 0x1000))


def owned_tun(to, port, token, kind):
    own(CLONE_NEWUSER | CLONE_NEWNET)
    tun(to, port, token, kind)


def command(line):
    status = os.system(line + ' >/tmp/ways-said 2>&1')
    with open('/tmp/ways-said', encoding='utf-8') as said:
        if status != 0:
            raise OSError(0, said.read().strip() or 'status %d' % status)


def link(to, port, token):
    """Of a network of one's own, with its other end in that from before."""
    parent = os.getppid()
    own(CLONE_NEWNET)
    command('ip link add own0 type veth peer name own1 netns %d' % parent)


def owned_link(to, port, token):
    own(CLONE_NEWUSER)
    own_root()
    link(to, port, token)


def own_root():
    for name, line in (('setgroups', 'deny'), ('uid_map', '0 0 1'),
            ('gid_map', '0 0 1')):
        with open('/proc/self/' + name, 'w', encoding='ascii') as file:
            file.write(line)


def owned_setting(to, port, token):
    """By a /proc that nothing lies on."""
    own(CLONE_NEWUSER)
    own_root()
    own(CLONE_NEWNS | CLONE_NEWPID)
    pid = os.fork()
    if pid != 0:
        code = os.waitstatus_to_exitcode(os.wait()[1])
        if code:
            raise OSError(code, os.strerror(code))
        return
    try:
        where = b'/tmp/ways-proc'
        os.makedirs(where, exist_ok=True)
        checked(libc.mount(b'proc', where, b'proc', 0, None), 'mount')
        os.close(os.open(where + b'/sys/net/ipv4/conf/all/accept_local',
            os.O_WRONLY))
    except OSError as error:
        os._exit(error.errno)
    os._exit(0)


# Frames, which take a packet socket.

def frames():
    client = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    client.bind((LINK.decode(), 0))
    return client


def own_mac():
    return fcntl.ioctl(udp('0.0.0.0'), SIOCGIFHWADDR,
        struct.pack('40s', LINK))[18:24]


def gateway_mac():
    with open('/proc/net/arp', encoding='ascii') as file:
        return bytes.fromhex(file.readlines()[1].split()[3].replace(':', ''))


def own_address(to):
    client = udp(to)
    client.connect((to, 9))
    return client.getsockname()[0]


def total(data):
    data += bytes(len(data) % 2)
    number = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while number >> 16:
        number = (number & 0xffff) + (number >> 16)
    return ~number & 0xffff


def datagram(source, to, protocol, payload, options=b''):
    if not is_ipv4(to):
        return struct.pack('!IHBB', 6 << 28, len(payload), protocol, 255) + \
            packed(source) + packed(to) + payload
    words = 5 + len(options) // 4
    head = [struct.pack('!BBHHHBBH', 0x40 | words, 0, 4 * words +
        len(payload), 7, 0, 64, protocol, 0), packed(source) + packed(to) +
        options]
    return head[0][:10] + struct.pack('!H', total(b''.join(head))) + \
        head[1] + payload


def udp_payload(port, token):
    return struct.pack('!HHHH', 40000, port, 8 + len(token), 0) + token


def put(packet, to=None):
    kind = b'\x08\x00' if packet[0] >> 4 == 4 else b'\x86\xdd'
    frames().send((to or gateway_mac()) + own_mac() + kind + packet)


def frame(to, port, token, source=''):
    payload = udp_payload(port, token)
    source = source or own_address(to)
    if not is_ipv4(to):
        checksum = total(packed(source) + packed(to) +
            struct.pack('!II', len(payload), 17) + payload)
        payload = payload[:6] + struct.pack('!H', checksum) + payload[8:]
    put(datagram(source, to, 17, payload))


def frame_route(to, port, token, through):
    """Where the address says, and then elsewhere."""
    option = struct.pack('BBB', 131, 7, 4) + packed(to) + b'\0'
    put(datagram(own_address(through), through, 17, udp_payload(port, token),
        option))


def false_mac(number):
    return b'\x02\xde\xad\0\0' + bytes([int(number)])


def arp_claim(to, port, token, number):
    """That the address is here: as a question and as an answer."""
    mac = false_mac(number)
    for kind in 1, 2, 2:
        frames().send(b'\xff' * 6 + mac + b'\x08\x06' + struct.pack(
            '!HHBBH6s4s6s4s', 1, 0x800, 6, 4, kind, mac, packed(to),
            b'\xff' * 6, packed(to)))


def icmp6(source, to, body, mac):
    checksum = total(packed(source) + packed(to) +
        struct.pack('!II', len(body), 58) + body)
    put(datagram(source, to, 58, body[:2] + struct.pack('!H', checksum) +
        body[4:]), mac)


def nd_claim(to, port, token, number, whom):
    """The same of IPv6, said to all and to one."""
    body = struct.pack('!BBHI', 136, 0, 0, 0x20000000) + packed(to) + \
        b'\x02\x01' + false_mac(number)
    icmp6(to, 'ff02::1', body, bytes.fromhex('333300000001'))
    icmp6(to, whom, body, gateway_mac())


def router(to, port, token):
    """Says that addresses of this prefix may be taken: of no route."""
    body = struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 0, 0, 0) + \
        struct.pack('!BBBBIII', 3, 4, 64, 0xc0, 600, 600, 0) + packed(to)
    icmp6('fe80::1:1', 'ff02::1', body, bytes.fromhex('333300000001'))


def attempt(way, address, port, token, *rest):
    """In a process of its own: what a way unshares is its own."""
    sys.stdout.flush()
    pid = os.fork()
    if pid != 0:
        os.wait()
        return
    try:
        globals()[way](address, int(port), token.encode(), *rest)
        print('sent', flush=True)
    except OSError as error:
        print('refused:', error.strerror or error, flush=True)
    except Exception as error:
        print('failed:', repr(error), flush=True)
    finally:
        os._exit(0)


if sys.argv[1] == 'watch':
    watch(sys.argv[2])
elif sys.argv[1] == 'mirror':
    mirror(*sys.argv[2:])
else:
    for words in sys.argv[2:]:
        attempt(*words.split(','))
