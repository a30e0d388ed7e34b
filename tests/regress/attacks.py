#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Attacks on the host, as its root would do them without a sandbox around.

attacks.py NAME [ARGUMENT...] prints "worked" or "refused: why". The tests run
each twice: where nothing defends, to see that it works, and as root of a
sandbox. Nothing here harms the host it works on. Standard library only; also
read from standard input by the python3 of a sandbox.
"""
import ctypes
import os
import resource
import socket
import stat
import struct
import sys
import tempfile

libc = ctypes.CDLL(None, use_errno=True)
NUMBERS = {  # of x86_64 and aarch64
    'x86_64': {'ptrace': 101, 'pivot_root': 155, 'acct': 163, 'mount': 165,
        'reboot': 169, 'sethostname': 170, 'init_module': 175, 'syslog': 103,
        'keyctl': 250, 'unshare': 272, 'perf_event_open': 298, 'setns': 308,
        'open_by_handle_at': 304, 'bpf': 321, 'userfaultfd': 323,
        'io_uring_setup': 425, 'open_tree': 428, 'pidfd_open': 434,
        'pidfd_getfd': 438, 'mount_setattr': 442, 'kexec_load': 246,
        'swapon': 167, 'add_key': 248, 'umount2': 166, 'quotactl': 179,
        'setsockopt': 54, 'setrlimit': 160, 'prlimit64': 302},
    'aarch64': {'ptrace': 117, 'pivot_root': 41, 'acct': 89, 'mount': 40,
        'reboot': 142, 'sethostname': 161, 'init_module': 105, 'syslog': 116,
        'keyctl': 219, 'unshare': 97, 'perf_event_open': 241, 'setns': 268,
        'open_by_handle_at': 265, 'bpf': 280, 'userfaultfd': 282,
        'io_uring_setup': 425, 'open_tree': 428, 'pidfd_open': 434,
        'pidfd_getfd': 438, 'mount_setattr': 442, 'kexec_load': 104,
        'swapon': 224, 'add_key': 217, 'umount2': 39, 'quotactl': 60,
        'setsockopt': 208, 'setrlimit': 164, 'prlimit64': 261},
}[os.uname().machine]


def call(name, *arguments):
    """The system call, or OSError."""
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(NUMBERS[name]), *[
        ctypes.c_char_p(a) if isinstance(a, bytes) else
        a if isinstance(a, ctypes.Array) else ctypes.c_long(a)
        for a in arguments])
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def read(path, size=8192):
    with open(path, 'rb', buffering=0) as file:
        if not file.read(size):
            raise OSError(0, path + ' is empty')


def rewrite(path):
    """Writes to a kernel setting what it says already."""
    with open(path, 'rb', buffering=0) as file:
        value = file.read()
    with open(path, 'wb', buffering=0) as file:
        file.write(value)


def write(path, text):
    with open(path, 'wb', buffering=0) as file:
        file.write(text.encode())


# Files

def chroot_escape(path, is_confined='no'):
    """Out of a chroot by being outside of it; the host makes one first."""
    if is_confined == 'no':
        os.chroot(tempfile.mkdtemp())
        os.chdir('/')
    os.makedirs('/escape', exist_ok=True)
    os.chroot('/escape')
    for _ in range(64):
        os.chdir('..')
    os.chroot('.')
    read(path)


def mknod_disk(major, minor):
    """Reads the host's disk through a device node of one's own."""
    path = tempfile.mktemp()
    os.mknod(path, stat.S_IFBLK | 0o600, os.makedev(int(major), int(minor)))
    try:
        read(path, 512)
    finally:
        os.unlink(path)


def handle(kind, data, *mounts):
    """A file by its handle, which needs no path: any mount point will do."""
    raw = bytes.fromhex(data)
    argument = ctypes.create_string_buffer(
        struct.pack('Ii', len(raw), int(kind)) + raw)
    last = OSError(0, 'no mount')
    for mount in mounts:
        try:
            fd = os.open(mount, os.O_RDONLY)
            os.read(call('open_by_handle_at', fd, argument, os.O_RDONLY), 1)
            return
        except OSError as error:
            last = error
    raise last


# Processes

def find(marker):
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/cmdline' % pid, 'rb') as file:
                if marker.encode() in file.read() and int(pid) != os.getpid():
                    return int(pid)
        except OSError:
            pass
    raise OSError(0, 'no such process is visible')


def see_process(marker):
    # What is looked for is not in this program's own arguments.
    os.kill(find(marker.replace('_', '')), 0)


def ptrace_init():
    call('ptrace', 0x4206, 1, 0, 0)


def steal_descriptor():
    """Some descriptor of PID 1, such as its control socket."""
    pidfd = call('pidfd_open', 1, 0)
    for number in range(16):
        try:
            call('pidfd_getfd', pidfd, number, 0)
            return
        except OSError as error:
            last = error
    raise last


def init_descriptors():
    if not os.listdir('/proc/1/fd'):
        raise OSError(0, 'none')
    read('/proc/1/fdinfo/0')


def init_memory():
    with open('/proc/1/maps') as file:
        start = int(file.readline().split('-')[0], 16)
    with open('/proc/1/mem', 'rb', buffering=0) as file:
        file.seek(start)
        file.read(4)


# Namespaces and mounts

def mount(kind, where=None):
    call('mount', b'none', (where or tempfile.mkdtemp()).encode(),
        kind.encode(), 0, 0)


def bind(source):
    call('mount', source.encode(), tempfile.mkdtemp().encode(), b'', 0x1000, 0)


def remount(where):
    call('mount', b'none', where.encode(), b'', 0x1000 | 0x20, 0)


def unmount(where):
    call('umount2', where.encode(), 2)


def unshare(flag):
    call('unshare', int(flag, 16))


def setns(name):
    call('setns', os.open('/proc/1/ns/' + name, os.O_RDONLY), 0)


def user_namespace_root():
    """The usual way to gain every capability there is to gain."""
    call('unshare', 0x10000000 | 0x00020000)
    call('mount', b'none', b'/', b'', 0x4000 | 0x40000, 0)


# Devices and kernel interfaces

def mknod_char(major, minor):
    path = tempfile.mktemp()
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(int(major), int(minor)))
    fd = os.open(path, os.O_RDONLY)
    os.close(fd)
    os.unlink(path)


def bpf():
    # BPF_MAP_CREATE of an array of one.
    attributes = ctypes.create_string_buffer(
        struct.pack('IIII', 2, 4, 4, 1), 128)
    call('bpf', 0, attributes, 128)


def perf():
    attributes = ctypes.create_string_buffer(
        struct.pack('IIQ', 1, 112, 0), 112)
    call('perf_event_open', attributes, -1, 0, -1, 0)


def ring():
    call('io_uring_setup', 4, ctypes.create_string_buffer(256))


def key():
    call('add_key', b'user', b'regress', b'x', 1, -2)


# Network

def connect(host, port):
    socket.create_connection((host, int(port)), timeout=5).close()


def connect_abstract(name):
    client = socket.socket(socket.AF_UNIX)
    client.connect('\0' + name)


def packet_socket():
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))


def raw_socket(protocol):
    socket.socket(socket.AF_INET, socket.SOCK_RAW, int(protocol))


def nft_dump():
    """Asks nf_tables for its tables, which only an administrator may."""
    client = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
    client.send(struct.pack('=IHHIIBBH', 20, 10 << 8 | 1, 0x301, 1, 0, 0, 0, 0))
    kind, = struct.unpack_from('=H', client.recv(65536), 4)
    if kind == 2:
        raise OSError(0, 'nf_tables answers with an error')


def vsock():
    socket.socket(40, socket.SOCK_STREAM)


def algorithm_socket():
    socket.socket(38, socket.SOCK_SEQPACKET).bind(('hash', 'sha256'))


def aio_context():
    context = ctypes.c_ulong(0)
    if libc.syscall({'x86_64': 206, 'aarch64': 0}[os.uname().machine], 8,
            ctypes.byref(context)) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


# The kernel looks at 32 bits of an int; a filter sees what stands above, too.
ABOVE = 1 << 32


def raised_buffer(family):
    """Makes a socket keep more unread than others do."""
    client = socket.socket(*{'netlink': (socket.AF_NETLINK, socket.SOCK_RAW),
        'icmp': (socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP),
        'unix': (socket.AF_UNIX, socket.SOCK_DGRAM)}[family])
    for option, raised in ((socket.SO_SNDBUF, socket.SO_SNDBUF),
            (socket.SO_RCVBUF, socket.SO_RCVBUF), (32, socket.SO_SNDBUF),
            (33, socket.SO_RCVBUF)):
        before = client.getsockopt(socket.SOL_SOCKET, raised)
        for level_above, option_above in (0, 0), (ABOVE, 0), (0, ABOVE):
            try:
                call('setsockopt', client.fileno(),
                    socket.SOL_SOCKET | level_above, option | option_above,
                    struct.pack('i', 1 << 20), 4)
            except OSError:
                continue
            if client.getsockopt(socket.SOL_SOCKET, raised) > before:
                return
    raise OSError(0, 'the buffer stays as it is')


def core_limit():
    """Leaves the one limit at which the kernel pipes no core dump."""
    for above in 0, ABOVE:
        for arguments in (('prlimit64', 0, resource.RLIMIT_CORE | above),
                ('setrlimit', resource.RLIMIT_CORE | above)):
            try:
                call(*arguments, struct.pack('QQ', 0, 0), 0)
            except OSError:
                continue
            if resource.getrlimit(resource.RLIMIT_CORE) == (0, 0):
                return
    raise OSError(0, 'the limit stays as it is')


def socket_options():
    """What programs set every day."""
    stream = socket.socket()
    for level, option in ((socket.SOL_SOCKET, socket.SO_REUSEADDR),
            (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
            (socket.SOL_SOCKET, socket.SO_REUSEPORT),
            (socket.SOL_SOCKET, 60),  # SO_ZEROCOPY
            (socket.IPPROTO_TCP, socket.TCP_NODELAY)):
        stream.setsockopt(level, option, 1)
        if stream.getsockopt(level, option) == 0:
            raise OSError(0, 'option %d did nothing' % option)
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
    for client in stream, netlink:
        for option in socket.SO_SNDBUF, socket.SO_RCVBUF, 32, 33:
            client.setsockopt(socket.SOL_SOCKET, option, 1 << 20)


def neighbours(count, version='4'):
    """Makes addresses of the world, or of the link, neighbours by sending to
    them."""
    link = b'eth0'
    if os.system('ip link show eth0 >/dev/null 2>&1') != 0:
        os.system('ip link add eth0 type veth peer peer0; '
            'ip address add 192.0.2.1/32 dev eth0; '
            'ip address add fe80::53/64 dev eth0 nodad; '
            'ip link set eth0 up; ip link set peer0 up')
    index = socket.if_nametoindex('eth0')
    client = socket.socket(socket.AF_INET6 if version == '6' else
        socket.AF_INET, socket.SOCK_DGRAM)
    client.setsockopt(socket.SOL_SOCKET, 25, link)  # SO_BINDTODEVICE
    client.setsockopt(socket.SOL_SOCKET, 5, 1)      # SO_DONTROUTE
    for n in range(int(count)):
        to = ('fe80::1:%x' % n, 9, 0, index) if version == '6' else (
            '198.51.%d.%d' % (n // 250, n % 250 + 1), 9)
        try:
            client.sendto(b'x', to)
        except OSError:
            pass
    if len(os.popen('ip neigh show').readlines()) < int(count) // 2:
        raise OSError(0, 'none became a neighbour')


def loopback_flows(count):
    """Fills the table of connections by talking to itself."""
    path = '/proc/sys/net/netfilter/nf_conntrack_count'
    os.system('ip link set lo up 2>/dev/null')
    # Asked for by a rule, connections are tracked; a sandbox has some.
    os.system('nft "add table ip t; add chain ip t c { type filter hook '
        'input priority 0; }; add rule ip t c ct state new" 2>/dev/null')
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(('127.0.0.1', 0))
    for _ in range(int(count)):
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        client.sendto(b'x', server.getsockname())
        client.close()
    with open(path, encoding='ascii') as file:
        if int(file.read()) < int(count) // 2:
            raise OSError(0, 'they are not tracked')


ATTACKS = {
    'aio-context': aio_context, 'raised-buffer': raised_buffer,
    'core-limit': core_limit,
    'socket-options': socket_options, 'neighbours': neighbours,
    'loopback-flows': loopback_flows,
    'read': read, 'rewrite': rewrite, 'write': write,
    'chroot-escape': chroot_escape, 'mknod-disk': mknod_disk,
    'handle': handle, 'see-process': see_process,
    'ptrace-init': ptrace_init, 'steal-descriptor': steal_descriptor,
    'init-descriptors': init_descriptors, 'init-memory': init_memory,
    'mount': mount, 'bind': bind, 'remount': remount, 'unmount': unmount,
    'unshare': unshare, 'setns': setns,
    'user-namespace-root': user_namespace_root, 'mknod-char': mknod_char,
    'bpf': bpf, 'perf': perf, 'ring': ring, 'key': key,
    'open-tree': lambda: call('open_tree', -100, b'/', 1),
    'userfaultfd': lambda: call('userfaultfd', 0),
    'syslog': lambda: call('syslog', 10, 0, 0),
    'acct': lambda: call('acct', 0),
    'sethostname': lambda: call('sethostname', b'taken', 5),
    'ctrl-alt-del': lambda: call('reboot', 0xfee1dead, 672274793, 0, 0),
    'listdir': lambda path: os.listdir(path)[0],
    'connect': connect, 'connect-abstract': connect_abstract,
    'packet-socket': packet_socket, 'raw-socket': raw_socket,
    'nft-dump': nft_dump, 'vsock': vsock,
    'algorithm-socket': algorithm_socket,
}


def main():
    try:
        ATTACKS[sys.argv[1]](*sys.argv[2:])
    except (OSError, IndexError, ValueError) as error:
        print('refused:', error)
    else:
        print('worked')


if __name__ == '__main__':
    main()
