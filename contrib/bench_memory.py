# SPDX-License-Identifier: Apache-2.0
"""Rows of contrib/bench about what many clients at once cost gateway-http: files
up and down, and WebSockets that stay open. Its memory is what is asked about.
"""
import asyncio
import json
import os
import re
import subprocess
import time

from bench_life import Api

CROWD = 50
FILE_BYTES = 100 * 1000 * 1000
SOCKETS = 1000
SANDBOXES = 10
MESSAGES = 10

# Of the configuration: so many connections, and commands in a sandbox.
MORE = """[sandboxd]
memory_overcommit = 0
disk_overcommit = 0
[http]
max_connections = 1100"""


class Memory:
    """gateway-http's: its own pages, and the most that ever were there."""

    def __init__(self, instance):
        for pid in instance.daemons():
            try:
                with open('/proc/%d/comm' % pid) as f:
                    if f.read().strip() == 'gateway-http':
                        self.folder = '/proc/%d/' % pid
            except OSError:
                pass

    def mib(self, name):
        with open(self.folder + 'status') as f:
            return int(re.search(name + r':\s+(\d+)', f.read()).group(1)) / 1024

    def begin(self):
        """What there is now; the most is counted from here."""
        with open(self.folder + 'clear_refs', 'w') as f:
            f.write('5')
        return self.mib('VmRSS')

    def most(self):
        return self.mib('VmHWM')


def create(api, **fields):
    return api.call('POST', '/v1/sandboxes', fields)[1]['id']


def all_at_once(commands):
    """Seconds until the last has ended."""
    start = time.monotonic()
    running = [subprocess.Popen(words, stdout=subprocess.DEVNULL)
               for words in commands]
    for one in running:
        if one.wait() != 0:
            raise RuntimeError('curl failed')
    return time.monotonic() - start


def files_memory_rows(instance, row, folder):
    """Every one of them a file of its own."""
    memory = Memory(instance)
    path = folder + '/crowd'
    with open(path, 'wb') as f:
        for _ in range(0, FILE_BYTES, 1000000):
            f.write(os.urandom(1000000))
    socket = instance.values['SG_RUN'] + '/api.sock'
    sandbox = create(Api(socket), disk='8G')
    url = 'http://x/v1/sandboxes/%s/files?path=crowd-%%d' % sandbox
    curl = ('curl', '-sSf', '-o', '/dev/null', '--unix-socket', socket)
    for what, words in (('up', ('-T', path)), ('down', ())):
        before = memory.begin()
        took = all_at_once([curl + words + (url % n,) for n in range(CROWD)])
        row('%d x 100 MB %s at once' % (CROWD, what), '-', 'MB/s',
            CROWD * FILE_BYTES / took / 1e6, 0, None, is_more_better=True)
        row('  memory of gateway-http', 'before', 'MiB', memory.most(), before,
            None)
    Api(socket).call('DELETE', '/v1/sandboxes/' + sandbox)
    os.unlink(path)


async def talk(path, sandboxes, row, memory):
    import websockets
    open_at_once = asyncio.Semaphore(CROWD)

    async def begin(n):
        async with open_at_once:
            socket = await websockets.unix_connect(
                path, 'ws://x/v1/sandboxes/%s/exec' %
                sandboxes[n % len(sandboxes)], compression=None)
            await socket.send(json.dumps({'argv': ['cat']}))
            assert json.loads(await socket.recv())['event'] == 'start'
            return socket

    async def ask(socket, text):
        await socket.send(text)
        assert await socket.recv() == b'\1' + text

    before = memory.begin()
    all_of_them = await asyncio.gather(*(begin(n) for n in range(SOCKETS)))
    opened = memory.mib('VmRSS')
    start = time.monotonic()
    for n in range(MESSAGES):
        await asyncio.gather(*(ask(socket, b'%d' % n)
                               for socket in all_of_them))
    took = time.monotonic() - start
    row('%d WebSockets' % SOCKETS, 'before', 'MiB', opened, before, None)
    row('  after %d messages each' % MESSAGES, 'before', 'MiB', memory.most(),
        before, None)
    row('  each', '-', 'KiB', (memory.most() - before) * 1024 / SOCKETS, 0,
        None)
    row('  messages and answers', '-', '/s', SOCKETS * MESSAGES / took, 0,
        None, is_more_better=True)
    await asyncio.gather(*(socket.close() for socket in all_of_them))


def sockets_memory_rows(instance, row):
    """To a command each, in several sandboxes, which answers."""
    path = instance.values['SG_RUN'] + '/api.sock'
    api = Api(path)
    sandboxes = [create(api, pids=512) for _ in range(SANDBOXES)]
    asyncio.run(talk(path, sandboxes, row, Memory(instance)))
    api = Api(path)
    for sandbox in sandboxes:
        api.call('DELETE', '/v1/sandboxes/' + sandbox)
