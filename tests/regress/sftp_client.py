# SPDX-License-Identifier: Apache-2.0
"""A small SFTP client that sends what no ordinary one does.

sftp_client.py CASE HOST [ARGUMENT...], the cases being the functions below
whose names begin with "case_". What differs between any two servers (ids of
users, handles, times) is replaced in what is printed.
"""
import os
import re
import struct
import subprocess
import sys
import threading
import time

INIT = 1
OPEN, CLOSE, READ, WRITE, LSTAT, FSTAT, SETSTAT, FSETSTAT, OPENDIR, READDIR, \
    REMOVE, MKDIR, RMDIR, REALPATH, STAT, RENAME, READLINK, SYMLINK = \
    range(3, 21)
EXTENDED = 200
R, W, APPEND, CREATE, TRUNC, EXCL = (1 << n for n in range(6))
SIZE, UIDGID, PERMISSIONS, TIMES = 1, 2, 4, 8
WORDS = ('ok', 'eof', 'no-such-file', 'permission', 'failure', 'bad-message',
         'no-connection', 'lost', 'unsupported')


def u32(value):
    return struct.pack('>I', value & 0xffffffff)


def u64(value):
    return struct.pack('>Q', value & 0xffffffffffffffff)


def text(value):
    value = value if isinstance(value, bytes) else value.encode()
    return u32(len(value)) + value


def attributes(size=None, owner=None, mode=None, times=None):
    flags, data = 0, b''
    for bit, value, form in ((SIZE, size, u64), (UIDGID, owner, None),
                             (PERMISSIONS, mode, u32), (TIMES, times, None)):
        if value is not None:
            flags |= bit
            data += form(value) if form else u32(value[0]) + u32(value[1])
    return u32(flags) + data


class Reader:
    def __init__(self, data):
        self.data = data

    def take(self, size):
        part, self.data = self.data[:size], self.data[size:]
        return part

    def u32(self):
        return struct.unpack('>I', self.take(4))[0]

    def u64(self):
        return struct.unpack('>Q', self.take(8))[0]

    def text(self):
        return self.take(self.u32())

    def attributes(self, shows_times=False):
        flags = self.u32()
        words = ['flags=%x' % flags]
        if flags & SIZE:
            size = self.u64()
            words.append('size=%d' % size)
        if flags & UIDGID:
            self.take(8)
        if flags & PERMISSIONS:
            mode = self.u32()
            words.append('mode=%o' % mode)
            if mode & 0o170000 == 0o040000:
                words = [w for w in words if not w.startswith('size')]
        if flags & TIMES:
            times = self.u32(), self.u32()
            if shows_times:
                words.append('times=%d,%d' % times)
        return ' '.join(words)


class Client:
    def __init__(self, host):
        self.ssh = subprocess.Popen(
            ['ssh', '-F', os.environ['SG_SSH_CONFIG'], host, '-s', 'sftp'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1 << 20)
        self.id = 0

    def raw(self, data):
        self.ssh.stdin.write(data)
        self.ssh.stdin.flush()

    def packet(self, kind, body):
        return u32(len(body) + 1) + bytes([kind]) + body

    def request(self, kind, *parts):
        self.id += 1
        return self.packet(kind, u32(self.id) + b''.join(parts))

    def receive(self):
        head = self.ssh.stdout.read(5)
        if len(head) < 5:
            return None, b''
        size, kind = struct.unpack('>IB', head)
        return kind, self.ssh.stdout.read(size - 1)

    def start(self, version=3):
        self.raw(self.packet(INIT, u32(version)))
        kind, body = self.receive()
        reader = Reader(body)
        words = ['type=%s version=%d' % (kind, reader.u32())]
        while reader.data:
            words.append('%s=%s' % (reader.text().decode(),
                                    reader.text().decode()))
        return words

    def ask(self, kind, *parts):
        self.raw(self.request(kind, *parts))
        kind, body = self.receive()
        if kind is None:
            return None, None
        reader = Reader(body)
        assert reader.u32() == self.id, 'an answer to another request'
        return kind, reader

    def handle(self, kind, *parts):
        kind, reader = self.ask(kind, *parts)
        return reader.text() if kind == 102 else b'none'

    def end(self):
        self.ssh.stdin.close()
        return self.ssh.wait()


def shown(kind, reader, shows_times=False):
    """One line for a reply."""
    if kind is None:
        return 'the end'
    if kind == 101:
        code = reader.u32()
        return 'status %s "%s" lang=%r' % (
            WORDS[code], reader.text().decode(), reader.text())
    if kind == 102:
        return 'handle of %s' % ('a string' if reader.text() else 'nothing')
    if kind == 103:
        return 'data %r' % reader.text()
    if kind == 104:
        lines = []
        for _ in range(reader.u32()):
            name, line = reader.text().decode(), reader.text().decode()
            line = re.sub(r'^(\S+ +\d+ )(\S+ +\S+ +)(\d+) \S+ +\d+ +[0-9:]+ ',
                          r'\1U G \3 DATE ', line)
            line = re.sub(r'^(d\S+) +\d+ U G \d+', r'\1 N U G SIZE', line)
            lines.append('%s | %s | %s' % (name, line,
                                           reader.attributes(shows_times)))
        return 'names: ' + ' ; '.join(sorted(lines))
    if kind == 105:
        return 'attributes ' + reader.attributes(shows_times)
    if len(reader.data) == 11 * 8:  # statvfs: another file system
        return 'extended, 11 numbers'
    return 'type=%d %s' % (kind, reader.data.hex())


class Transcript:
    def __init__(self, client):
        self.client = client

    def __call__(self, words, kind, *parts, times=False):
        kind, reader = self.client.ask(kind, *parts)
        print('%s: %s' % (words, shown(kind, reader, times)), flush=True)

    def extended(self, words, name, *parts, times=False):
        self(words, EXTENDED, text(name), *parts, times=times)


def paths(t, d):
    """Names: creating, finding, renaming, linking, removing."""
    t('mkdir', MKDIR, text(d), attributes(mode=0o700))
    t('mkdir again', MKDIR, text(d), attributes())
    t('mkdir below nothing', MKDIR, text(d + '/no/x'), attributes())
    t('mkdir without mode', MKDIR, text(d + '/plain'), attributes())
    t('stat it', STAT, text(d + '/plain'))
    t('mkdir sticky', MKDIR, text(d + '/sticky'), attributes(mode=0o1777))
    t('stat it', STAT, text(d + '/sticky'))
    client = t.client
    for name, mode in (('file', 0o640), ('other', 0o600)):
        handle = client.handle(OPEN, text(d + '/' + name), u32(W | CREATE),
                               attributes(mode=mode))
        t('write', WRITE, text(handle), u64(0), text('contents of ' + name))
        t('close', CLOSE, text(handle))
    t('symlink', SYMLINK, text('file'), text(d + '/soft'))
    t('symlink on something', SYMLINK, text('x'), text(d + '/file'))
    t('dangling', SYMLINK, text('nowhere'), text(d + '/dangling'))
    t('loop', SYMLINK, text('loop'), text(d + '/loop'))
    t('empty target', SYMLINK, text(''), text(d + '/empty'))
    for name in ('soft', 'dangling', 'loop', 'file', 'none', 'file/x', ''):
        where = text(d + '/' + name if name else '')
        t('stat ' + name, STAT, where)
        t('lstat ' + name, LSTAT, where)
        t('readlink ' + name, READLINK, where)
    for path in ('', '.', '..', '/', '/..', '//', d, d + '/', d + '/.',
                 d + '/..', d + '/none', d + '/none/', d + '/none/x',
                 d + '/none/..', d + '/soft', d + '/soft/', d + '/dangling',
                 d + '/dangling/x', d + '/loop', d + '/file/', d + '/file/x',
                 d + '/file/..', d + '/plain/../file', d + '//plain//',
                 '/' + 'x' * 300, '/' + 'x/' * 2100):
        kind, reader = client.ask(REALPATH, text(path))
        words = shown(kind, reader)
        if path in ('', '.', '..'):
            words = 'names' if 'names: /' in words else words
        print('realpath %s: %s' % (path[:40], words))
    t('rename', RENAME, text(d + '/file'), text(d + '/renamed'))
    t('rename on something', RENAME, text(d + '/renamed'), text(d + '/other'))
    t('rename on itself', RENAME, text(d + '/other'), text(d + '/other'))
    t('rename nothing', RENAME, text(d + '/none'), text(d + '/x'))
    t('rename below nothing', RENAME, text(d + '/other'), text(d + '/no/x'))
    t('rename a folder', RENAME, text(d + '/plain'), text(d + '/moved'))
    t('rename a folder on one', RENAME, text(d + '/moved'), text(d + '/sticky'))
    t('into itself', RENAME, text(d + '/moved'), text(d + '/moved/x'))
    t('rename a link', RENAME, text(d + '/dangling'), text(d + '/dangling2'))
    t.extended('posix-rename on something', 'posix-rename@openssh.com',
               text(d + '/renamed'), text(d + '/other'))
    t.extended('posix-rename nothing', 'posix-rename@openssh.com',
               text(d + '/none'), text(d + '/other'))
    t.extended('hardlink', 'hardlink@openssh.com', text(d + '/other'),
               text(d + '/hard'))
    t.extended('hardlink again', 'hardlink@openssh.com', text(d + '/other'),
               text(d + '/hard'))
    t.extended('hardlink of a folder', 'hardlink@openssh.com', text(d),
               text(d + '/x'))
    t.extended('hardlink of nothing', 'hardlink@openssh.com',
               text(d + '/none'), text(d + '/x'))
    t('remove a folder', REMOVE, text(d + '/moved'))
    t('remove nothing', REMOVE, text(d + '/none'))
    t('rmdir a file', RMDIR, text(d + '/other'))
    t('rmdir what is not empty', RMDIR, text(d))
    t('rmdir nothing', RMDIR, text(d + '/none'))
    t('rmdir', RMDIR, text(d + '/moved'))
    t('remove a link', REMOVE, text(d + '/loop'))
    t('a long name', STAT, text('/' + 'x' * 300))
    t('a long path', STAT, text('/x' * 3000))
    t('a name that is not UTF-8', OPEN, text(d.encode() + b'/\xff\xfe'),
      u32(W | CREATE), attributes())
    t('and it is there', STAT, text(d.encode() + b'/\xff\xfe'))
    t('remove it', REMOVE, text(d.encode() + b'/\xff\xfe'))


def files(t, d):
    """Open files: flags, reading, writing, attributes."""
    client = t.client
    path = text(d + '/data')
    t('open what is not there', OPEN, path, u32(R), attributes())
    t('create and read only', OPEN, path, u32(R | CREATE), attributes())
    t('exclusive', OPEN, path, u32(W | CREATE | EXCL), attributes())
    t('a folder to write', OPEN, text(d), u32(W), attributes())
    t('no flags', OPEN, path, u32(0), attributes())
    t('/etc/shadow', OPEN, text('/etc/shadow'), u32(R), attributes())
    t('/etc/passwd to write', OPEN, text('/etc/passwd'), u32(W), attributes())
    h = client.handle(OPEN, path, u32(R | W | TRUNC), attributes())
    t('write', WRITE, text(h), u64(10), text('0123456789'))
    t('read a hole', READ, text(h), u64(0), u32(5))
    t('read', READ, text(h), u64(12), u32(100))
    t('read nothing', READ, text(h), u64(12), u32(0))
    t('read at the end', READ, text(h), u64(20), u32(1))
    t('read beyond', READ, text(h), u64(1 << 40), u32(1))
    t('read far beyond', READ, text(h), u64(1 << 63), u32(1))
    t('write nothing', WRITE, text(h), u64(50), text(''))
    t('write far beyond', WRITE, text(h), u64(1 << 63), text('x'))
    t('fstat', FSTAT, text(h))
    t('fsetstat size', FSETSTAT, text(h), attributes(size=5))
    t('fsetstat mode and times', FSETSTAT, text(h),
      attributes(mode=0o604, times=(1000000000, 1000000001)))
    t('fstat', FSTAT, text(h), times=True)
    t('fsetstat owner', FSETSTAT, text(h), attributes(owner=(0, 0)))
    t('fsetstat nothing', FSETSTAT, text(h), attributes())
    t.extended('fsync', 'fsync@openssh.com', text(h))
    t.extended('fstatvfs', 'fstatvfs@openssh.com', text(h))
    t('close', CLOSE, text(h))
    for words, kind, rest in (
            ('close', CLOSE, b''), ('fstat', FSTAT, b''),
            ('read', READ, u64(0) + u32(1)), ('readdir', READDIR, b''),
            ('write', WRITE, u64(0) + text('x')),
            ('fsetstat', FSETSTAT, attributes(size=1))):
        t(words + ' what is closed', kind, text(h), rest)
        t(words + ' by a short handle', kind, text(b'\0\0'), rest)
        t(words + ' by a wild handle', kind, text(b'\xff' * 4), rest)
    t.extended('fsync what is closed', 'fsync@openssh.com', text(h))
    t.extended('fstatvfs what is closed', 'fstatvfs@openssh.com', text(h))
    h = client.handle(OPEN, path, u32(R), attributes())
    t('write what is open to read', WRITE, text(h), u64(0), text('x'))
    t('write nothing there', WRITE, text(h), u64(0), text(''))
    t('truncate it', FSETSTAT, text(h), attributes(size=0))
    t('readdir of a file', READDIR, text(h))
    t('close', CLOSE, text(h))
    h = client.handle(OPEN, path, u32(W), attributes())
    t('read what is open to write', READ, text(h), u64(0), u32(1))
    t('close', CLOSE, text(h))
    h = client.handle(OPEN, path, u32(W | APPEND), attributes())
    t('append', WRITE, text(h), u64(0), text('tail'))
    t('append', WRITE, text(h), u64(1 << 63), text('end'))
    t('close', CLOSE, text(h))
    h = client.handle(OPEN, path, u32(R), attributes())
    t('what was appended', READ, text(h), u64(0), u32(100))
    t('close', CLOSE, text(h))
    for what, value in (('size', {'size': 3}), ('mode', {'mode': 0o4711}),
                        ('times', {'times': (86400, 172800)}),
                        ('owner', {'owner': (0, 0)}),
                        ('all', {'size': 2, 'mode': 0o600, 'times': (5, 6)}),
                        ('nothing', {})):
        for name in ('data', 'none', 'soft-data'):
            where = text(d + '/' + name)
            t('setstat %s of %s' % (what, name), SETSTAT, where,
              attributes(**value))
            t.extended('lsetstat %s of %s' % (what, name),
                       'lsetstat@openssh.com', where, attributes(**value))
        t('stat', STAT, path, times=what in ('times', 'all'))
    t('symlink', SYMLINK, text('data'), text(d + '/soft-data'))
    for what, value in (('mode', {'mode': 0o700}), ('times', {'times': (9, 9)})):
        t.extended('lsetstat %s of a link' % what, 'lsetstat@openssh.com',
                   text(d + '/soft-data'), attributes(**value))
    t('lstat', LSTAT, text(d + '/soft-data'), times=True)
    t('extended attributes', SETSTAT, path,
      u32(1 << 31), u32(1), text('a@b'), text('c'))


def folders(t, d):
    """Directories."""
    client = t.client
    t('opendir of nothing', OPENDIR, text(d + '/none'))
    t('opendir of a file', OPENDIR, text(d + '/data'))
    t('opendir of ""', OPENDIR, text(''))
    h = client.handle(OPENDIR, text(d))
    t('readdir', READDIR, text(h))
    t('readdir at the end', READDIR, text(h))
    t('fstat of a folder', FSTAT, text(h))
    t('fsetstat of a folder', FSETSTAT, text(h), attributes(mode=0o700))
    t('read of a folder', READ, text(h), u64(0), u32(1))
    t('write to a folder', WRITE, text(h), u64(0), text('x'))
    t.extended('fsync of a folder', 'fsync@openssh.com', text(h))
    t.extended('fstatvfs of a folder', 'fstatvfs@openssh.com', text(h))
    t('close', CLOSE, text(h))
    h = client.handle(OPEN, text(d), u32(R), attributes())
    t('read of a folder opened as a file', READ, text(h), u64(0), u32(1))
    t('close', CLOSE, text(h))


def extensions(t, d):
    client = t.client
    t.extended('unknown', 'none@example.com', text('x'))
    kind, reader = client.ask(EXTENDED, text('limits@openssh.com'))
    print('limits: %s %d %d %d' % (kind, *(reader.u64() for _ in range(3))))
    t.extended('statvfs', 'statvfs@openssh.com', text(d))
    t.extended('statvfs of nothing', 'statvfs@openssh.com', text(d + '/none'))
    for path in (d, d + '/none', d + '/none/x', '~nobody-here', '~root',
                 '~root/none', '~daemon/x'):
        t.extended('expand ' + path, 'expand-path@openssh.com', text(path))
    for path in ('', '~', '~/', '~/x', 'x/..'):
        ours = client.ask(EXTENDED, text('expand-path@openssh.com'),
                          text(path))
        wanted = client.ask(REALPATH, text(path.replace('~/', '').replace(
            '~', '.')))
        print('expand %s: %s' % (path, 'as realpath' if shown(*ours) ==
                                 shown(*wanted) else 'otherwise'))
    t.extended('home of nobody', 'home-directory', text('nobody-here'))
    kind, reader = client.ask(EXTENDED, text(
        'users-groups-by-id@openssh.com'), text(u32(0) + u32(4000000)),
        text(u32(0) + u32(4000000) + u32(2)))
    print('names by id: %s %r' % (kind, reader.data))
    t.extended('no ids', 'users-groups-by-id@openssh.com', text(''), text(''))
    for name, size in (('from', 300000), ('to', 0)):
        h = client.handle(OPEN, text(d + '/' + name), u32(W | CREATE),
                          attributes())
        for offset in range(0, size, 30000):
            client.ask(WRITE, text(h), u64(offset), text(b'0123456789' * 3000))
        client.ask(CLOSE, text(h))
    a = client.handle(OPEN, text(d + '/from'), u32(R), attributes())
    b = client.handle(OPEN, text(d + '/to'), u32(R | W), attributes())
    c = client.handle(OPEN, text(d + '/from'), u32(R | W), attributes())
    for words, x, offset, size, y, to in (
            ('all', a, 0, 0, b, 0), ('a part', a, 5, 10, b, 300000),
            ('beyond the end', a, 299990, 100, b, 0),
            ('far beyond the end', a, 299990, 1 << 30, b, 10),
            ('nothing there', a, 1 << 30, 0, b, 0),
            ('one handle', c, 0, 10, c, 100),
            ('one file', a, 0, 0, c, 300000),
            ('nothing open', b'\xff' * 4, 0, 0, b, 0),
            ('a negative offset', a, 1 << 63, 0, b, 0),
            ('a negative target', a, 0, 0, b, 1 << 63),
            ('to what is read', b, 0, 0, a, 0)):
        t.extended('copy ' + words, 'copy-data', text(x), u64(offset),
                   u64(size), text(y), u64(to))
        t('which is now', FSTAT, text(b))
    t('a part of it', READ, text(b), u64(299995), u32(30))


def case_transcript(host, folder):
    client = Client(host)
    print('\n'.join(client.start()))
    t = Transcript(client)
    for part in (paths, files, folders, extensions):
        part(t, folder)
    print('exit', client.end())


def case_malformed(host):
    """What cannot be SFTP ends the session, and how."""
    init = u32(5) + bytes([INIT]) + u32(3)
    # How many replies to wait for before the end of the input, at which sshd's
    # server drops what it has; None: it ends by itself.
    for words, data, n_replies in (
            ('before init', u32(9) + bytes([STAT]) + u32(1) + text(''), None),
            ('empty packet', init + u32(0) + b'\0', None),
            ('packet too long', init + u32(256 * 1024 + 1) + b'\0', None),
            ('packet far too long', init + u32(0xffffffff) + b'\0', None),
            ('init again', init + init, 2),
            ('half a packet', init + u32(100) + b'\0', 1),
            ('nothing', b'', 0)):
        client = Client(host)
        answer = b''
        try:
            client.raw(data)
            if n_replies is not None:
                for _ in range(n_replies):
                    size = client.ssh.stdout.read(4)
                    answer += size + client.ssh.stdout.read(
                        int.from_bytes(size, 'big'))
                client.ssh.stdin.close()
        except BrokenPipeError:
            pass
        answer += client.ssh.stdout.read()
        print('%s: %d bytes, exit %d' % (words, len(answer),
                                         client.ssh.wait()))


def case_handles(host, path):
    """How many files can be open, and what is said then."""
    client = Client(host)
    client.start()
    client.ask(CLOSE, text(client.handle(
        OPEN, text(path), u32(W | CREATE), attributes())))
    handles = []
    while len(handles) < 5000:
        kind, reader = client.ask(OPEN, text(path), u32(R), attributes())
        if kind != 102:
            break
        handles.append(reader.text())
    print('handles', len(handles), len(set(handles)), shown(kind, reader))
    print(shown(*client.ask(CLOSE, text(handles[3]))))
    print(shown(*client.ask(OPENDIR, text('/'))))
    client.ask(REMOVE, text(path))
    client.end()


def pipeline(client, requests, outstanding):
    """Sends all, at most `outstanding` unanswered; replies must be in order."""
    room = threading.Semaphore(outstanding)
    sent = []

    def send():
        for request in requests:
            room.acquire()
            sent.append(struct.unpack('>I', request[5:9])[0])
            client.ssh.stdin.write(request)
            if len(sent) % 16 == 0 or room._value == 0:
                client.ssh.stdin.flush()
        client.ssh.stdin.flush()

    thread = threading.Thread(target=send)
    thread.start()
    for n in range(len(requests)):
        kind, body = client.receive()
        assert kind is not None, 'the end came early'
        assert struct.unpack('>I', body[:4])[0] == sent[n], 'out of order'
        room.release()
        yield kind, body
    thread.join()


def case_pipelined(host, path, mebibytes):
    """Seconds that a put and a get take with 1000 requests outstanding."""
    client = Client(host)
    client.start()
    part = 32768
    count = int(mebibytes) * (1 << 20) // part
    h = client.handle(OPEN, text(path), u32(R | W | CREATE | TRUNC),
                      attributes())
    data = text(os.urandom(part))
    start = time.monotonic()
    for kind, body in pipeline(client, [client.request(
            WRITE, text(h), u64(n * part), data) for n in range(count)], 1000):
        assert kind == 101 and body[4:8] == u32(0), body
    put_s = time.monotonic() - start
    start = time.monotonic()
    for kind, body in pipeline(client, [client.request(
            READ, text(h), u64(n * part), u32(part))
            for n in range(count)], 1000):
        assert kind == 103 and body[4:] == data, 'other bytes came back'
    print('%.3f %.3f' % (put_s, time.monotonic() - start))
    client.ask(CLOSE, text(h))
    client.ask(REMOVE, text(path))
    client.end()


def case_list(host, path):
    """Entries of a folder, and the seconds that listing them takes."""
    client = Client(host)
    client.start()
    h = client.handle(OPENDIR, text(path))
    start = time.monotonic()
    names = set()
    while True:
        kind, reader = client.ask(READDIR, text(h))
        if kind != 104:
            break
        for _ in range(reader.u32()):
            names.add(reader.text())
            reader.text()
            reader.attributes()
    print('%d %.3f' % (len(names) - 2, time.monotonic() - start), flush=True)
    client.end()


def entries(client, handles):
    """What reading these folders by turns gives, each to its end."""
    lists = {handle: [] for handle in handles}
    left = list(handles)
    while left:
        for handle in list(left):
            kind, reader = client.ask(READDIR, text(handle))
            if kind != 104:
                left.remove(handle)
                continue
            for _ in range(reader.u32()):
                lists[handle].append(reader.text())
                reader.text()
                reader.attributes()
    return [lists[handle] for handle in handles]


def case_files_only(host, fifo, *devices):
    """Opens of what is no file, without waiting, and / opened twice."""
    client = Client(host)
    client.start()
    for path in (fifo,) + devices:
        words = []
        for flags in (R, W, R | W | APPEND | CREATE):
            kind, reader = client.ask(OPEN, text(path), u32(flags),
                                      attributes())
            words.append(WORDS[reader.u32()] if kind == 101 else 'opened')
        print('%s: %s' % (path, ' '.join(words)))
    first, second = entries(client, [client.handle(OPENDIR, text('/'))
                                     for _ in range(2)])
    print('/: %s' % ('same' if first and first == second else
                     '%r, %r' % (first, second)))
    client.end()


if __name__ == '__main__':
    globals()['case_' + sys.argv[1]](*sys.argv[2:])
