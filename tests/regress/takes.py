#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Takes all it gets of something the host has one of, from inside a sandbox.

takes.py NAME MOST: takes until it is refused, or MOST times; prints how many it
has, and holds them until standard input ends.
takes.py storm SECONDS: takes all there is at once, over and over, and prints how
often each was done.
Standard library only; fed to the python3 of a sandbox as an argument of -c, for
its input is what it waits for.
"""
import ctypes
import mmap
import os
import resource
import socket
import struct
import sys
import tempfile
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
held = []


def repeat(most, take):
    """How often take() could be called, at most so often."""
    for n in range(most):
        try:
            held.append(take())
        except (OSError, MemoryError, RuntimeError):
            return n
    return most


def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return result


def in_child(work):
    """work(tell) in a child that may be killed over it, or else goes on holding
    what it has: the last number it told."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        with open('/proc/self/oom_score_adj', 'w', encoding='ascii') as file:
            file.write('1000')
        work(lambda n: os.write(writer, b'%d\n' % n))
        os.close(writer)
        time.sleep(3600)
    os.close(writer)
    last = 0
    with os.fdopen(reader, encoding='ascii') as lines:
        for line in lines:
            last = int(line)
    return last


def memory_used():
    """Bytes of this sandbox's, by either layout of control groups."""
    for name in ('memory.current', 'memory/memory.usage_in_bytes'):
        try:
            with open('/sys/fs/cgroup/' + name, encoding='ascii') as file:
                return int(file.read())
        except OSError:
            pass
    return 0


def await_given_back(most):
    """The kernel gives back what a child had a moment after it is gone."""
    for _ in range(600):
        if memory_used() < most:
            break
        time.sleep(0.1)


def memory(most):
    """In pieces of a MiB, by a child that the kernel ends over it."""
    def work(tell):
        for n in range(most >> 20):
            piece = mmap.mmap(-1, 1 << 20)
            for at in range(0, 1 << 20, 4096):
                piece[at] = 1
            held.append(piece)
            if n % 16 == 0:
                tell(n << 20)
    taken = in_child(work)
    await_given_back(taken // 2)
    # And as much as it may keep without being killed for it.
    for _ in range(max(taken - (64 << 20), 0) >> 20):
        held.append(b'x' * (1 << 20))
    return taken


def processes(most):
    """Threads of a child that the kernel ends where they are more than its
    memory is room for; then fewer of them."""
    threading.stack_size(65536)
    before = memory_used()
    lock = threading.Lock()
    lock.acquire()

    def work(tell):
        for n in range(most):
            try:
                threading.Thread(target=lock.acquire, daemon=True).start()
            except RuntimeError:
                # Itself and its own two were there before.
                tell(3 + n)
                return
            if n % 64 == 0:
                tell(n)
    taken = in_child(work)
    if os.waitpid(-1, os.WNOHANG)[0] != 0:
        await_given_back(before + (16 << 20))
        most = taken * 3 // 4
        in_child(work)
    return taken


def terminals(most):
    return repeat(most, os.openpty)


def stuffed():
    """A connection that nobody reads, full."""
    server = socket.create_server(('127.0.0.1', 0))
    client = socket.create_connection(server.getsockname())
    reader = server.accept()[0]
    server.close()
    client.setblocking(False)
    size = 0
    try:
        while True:
            size += client.send(b'x' * 65536)
    except BlockingIOError:
        pass
    held.append(reader)
    stuffed.bytes += size
    return client


stuffed.bytes = 0


def socket_buffers(most):
    while stuffed.bytes < most and repeat(1, stuffed):
        pass
    return stuffed.bytes


def datagrams(most):
    """Unread ones, in so many sockets; those there is no room for are lost."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    writer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def stuffed_reader():
        reader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        reader.bind(('127.0.0.1', 0))
        for _ in range(40):
            writer.sendto(b'x' * 8192, reader.getsockname())
        return reader
    return repeat(most, stuffed_reader)


def connections(most):
    """Flows with itself and with its gateway, which answers nothing."""
    with open('/proc/net/route', encoding='ascii') as file:
        gateway = [line.split()[2] for line in file if
            line.split()[1] == '00000000'][0]
    to = socket.inet_ntoa(bytes.fromhex(gateway)[::-1])

    def flow():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(b'x', ('127.0.0.1', 9))
            try:
                client.sendto(b'x', (to, 9))
            except OSError:
                pass
    return repeat(most, flow)


def neighbours(most):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.setsockopt(socket.SOL_SOCKET, 25, b'eth0')  # SO_BINDTODEVICE
    client.setsockopt(socket.SOL_SOCKET, 5, 1)         # SO_DONTROUTE
    for n in range(most):
        try:
            client.sendto(b'x', ('198.51.%d.%d' % (n // 250, n % 250 + 1), 9))
        except OSError:
            pass
    with os.popen('ip neigh show') as lines:
        return len(lines.readlines())


def open_files(most):
    """By children, each as many as a process may; the kernel ends some."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def work(tell):
        n = 0
        try:
            while n < most:
                os.open('/dev/null', os.O_RDONLY)
                n += 1
                if n % 1024 == 0:
                    tell(n)
        except OSError:
            # Room for this last word.
            os.close(n)
            tell(n)
    return sum(in_child(work) for _ in range(most // hard + 1))


def inotify_instances(most):
    return repeat(most, lambda: check(libc.inotify_init()))


def inotify_watches(most):
    watcher = check(libc.inotify_init())
    folder = tempfile.mkdtemp()
    names = iter(range(most))

    def watch():
        path = '%s/%d' % (folder, next(names))
        os.mkdir(path)
        check(libc.inotify_add_watch(watcher, path.encode(), 0xfff))
    return repeat(most, watch)


def keys(most):
    return repeat(most, lambda: check(libc.syscall(ctypes.c_long(248), b'user',
        b'name', b'x', ctypes.c_long(1), ctypes.c_long(-3))))


def asynchronous_requests(most):
    return repeat(most, lambda: check(libc.syscall(ctypes.c_long(206),
        ctypes.c_long(1024), ctypes.byref(ctypes.c_ulong(0)))))


def loop_devices(most):
    def take():
        path = tempfile.mktemp()
        os.mknod(path, 0o20600, os.makedev(10, 237))
        return os.open(path, os.O_RDWR)
    return repeat(most, take)


def netlink_sockets(most):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return repeat(most, lambda: socket.socket(socket.AF_NETLINK,
        socket.SOCK_RAW, 0))


def netlink_messages(most):
    """Answers that nobody reads, in as many sockets."""
    def stuffed_socket():
        client = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        client.setblocking(False)
        # struct nlmsghdr, RTM_GETLINK of index 1, for an answer.
        request = struct.pack('=IHHIIBBHiII', 32, 18, 1, 1, 0, 0, 0, 0, 1, 0,
            0)
        for _ in range(1000):
            try:
                client.send(request)
            except OSError:
                break
        return client
    return repeat(most, stuffed_socket)


def unix_messages(most):
    def stuffed_pair():
        pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        pair[0].setblocking(False)
        try:
            while True:
                pair[0].send(b'x' * 4096)
        except BlockingIOError:
            return pair
    return repeat(most, stuffed_pair)


STORM = {  # and how much of it at once
    'memory': 1 << 40, 'processes': 100000, 'terminals': 1000,
    'socket buffers': 1 << 40, 'connections': 20000, 'neighbours': 200,
    'open files': 100000, 'inotify instances': 1000, 'inotify watches': 2000,
    'keys': 100, 'asynchronous requests': 100, 'loop devices': 10,
    'netlink messages': 300, 'unix messages': 1000,
}


def start_take(name):
    pid = os.fork()
    if pid != 0:
        return pid
    os.setpgid(0, 0)
    # The first to go where there is no memory left, and not the storm.
    with open('/proc/self/oom_score_adj', 'w', encoding='ascii') as file:
        file.write('1000')
    try:
        globals()[name.replace(' ', '_')](STORM[name])
        time.sleep(1)
    finally:
        os.killpg(0, 9)


def storm(seconds):
    """A process for each; what it has goes with it, and it comes again."""
    end, running = time.monotonic() + seconds, {}
    times = dict.fromkeys(STORM, 0)
    while time.monotonic() < end:
        for name in set(STORM) - set(running.values()):
            try:
                running[start_take(name)] = name
                times[name] += 1
            except OSError:
                pass  # no processes left: that is one of them
        try:
            while running:
                pid = os.waitpid(-1, os.WNOHANG)[0]
                if pid == 0:
                    break
                running.pop(pid, None)
        except OSError:
            pass
        time.sleep(0.05)
    for pid in running:
        try:
            os.killpg(pid, 9)
        except OSError:
            pass
    print(times, flush=True)


def main():
    if sys.argv[1] == 'storm':
        storm(int(sys.argv[2]))
        return
    take = globals()[sys.argv[1].replace(' ', '_')]
    print('took', take(int(sys.argv[2])), flush=True)
    sys.stdin.read()
    os.killpg(0, 9)


if __name__ == '__main__':
    main()
