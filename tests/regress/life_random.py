#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sandboxes that live at random, while the daemons they live under are killed.

life_random.py SOCKET STEPS SEED: so many steps, by some clients at once, each with
sandboxes of its own; what it was told must hold, and what it was not told (its
connection ended, or the answer was 5xx) must have happened whole or not at all.
A line `kill` on standard output asks for the next daemon to be killed. Prints
what was done how often, and last the ids that live, and the snapshots.
"""
import collections
import datetime
import http.client
import json
import os
import random
import socket
import sys
import threading
import time
import urllib.parse

CLIENTS = 4
SANDBOXES = 4		# of each client at once, at most
STEPS_A_KILL = int(os.environ.get('LIFE_KILL', 60))	# of all clients
PATIENCE_S = 120	# for the service to come back: a hang, not slowness

lock = threading.Lock()
done = collections.Counter()
faults = []


class Unsure(Exception):
    """The answer is lost: it was done, or it was not."""


class Refused(Exception):
    def __init__(self, status, body):
        super().__init__('%d %s' % (status, body))
        self.status = status


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__('localhost', timeout=PATIENCE_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Api:
    def __init__(self, path):
        self.path = path
        self.connection = None

    def once(self, method, path, body, kind):
        try:
            if self.connection is None:
                self.connection = Connection(self.path)
            self.connection.request(method, path, body, kind)
            answer = self.connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection = None
            if isinstance(error, socket.timeout):
                raise AssertionError('%s %s hangs' % (method, path)) from error
            raise Unsure(str(error)) from error
        if answer.status >= 500:
            raise Unsure('%d %s' % (answer.status, content[:200]))
        if answer.status >= 400:
            raise Refused(answer.status, content.decode())
        return content

    def call(self, method, path, fields=None, data=None):
        """Asks once: Unsure where no answer came that says what is."""
        if data is not None:
            return self.once(method, path, data, {})
        body = None if fields is None else json.dumps(fields)
        kind = {'Content-Type': 'application/json'} if body else {}
        content = self.once(method, path, body, kind)
        return json.loads(content) if content else None

    def ask(self, path, raw=False):
        """Asks until there is an answer: changes nothing."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                content = self.once('GET', path, None, {})
                return content if raw else json.loads(content)
            except Unsure:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)


def seconds(stamp):
    return datetime.datetime.fromisoformat(
        stamp.replace('Z', '+00:00')).timestamp()


class Sandbox:
    """What one must be: `states` and `values` are what may be the case."""

    def __init__(self, sandbox_id, values):
        self.id = sandbox_id
        self.states = {'running'}
        self.values = values	# of the file in it; None: not there
        self.memory = 512 << 20
        self.ends = None	# what its ttl does


def settle(word):
    return {'pausing': 'paused', 'resuming': 'running',
            'suspending': 'suspended', 'cleaning': 'cleaned',
            'creating': 'running', 'destroying': 'destroyed'}.get(word, word)


class Client:
    def __init__(self, path, number, seed):
        self.api = Api(path)
        self.number = number
        self.random = random.Random(seed)
        self.sandboxes = []
        self.snapshots = []	# (id, values)
        self.count = 0
        self.log = collections.deque(maxlen=30)

    def url(self, sandbox, rest=''):
        return '/v1/sandboxes/' + sandbox.id + rest

    def file(self, sandbox):
        return self.url(sandbox, '/files?path=' + urllib.parse.quote('life'))

    def next_name(self):
        self.count += 1
        return 'life-%d-%d' % (self.number, self.count)

    def named(self, name):
        return self.api.ask('/v1/sandboxes?name=' + name)['sandboxes']

    # What may have come of itself: by its ttl, or pause_keep of the host.
    def look(self, sandbox):
        until = time.monotonic() + PATIENCE_S
        while True:
            told = self.api.ask(self.url(sandbox))
            if settle(told['state']) == told['state']:
                break
            assert time.monotonic() < until, 'for ever ' + told['state']
            time.sleep(0.02)
        may = set(sandbox.states)
        # A start that fails leaves it so, whatever it was before.
        if 'paused' in may or {'cleaned', 'running'} <= may:
            may.add('suspended')
        if sandbox.ends:
            may.add(sandbox.ends)
            if sandbox.ends == 'paused':
                may.add('suspended')
        assert told['state'] in may, '%s is %s, not %s: %s, %s' % (
            sandbox.id, told['state'], may, told['status_reason'],
            told['cause'])
        sandbox.states = {told['state']}
        if told['state'] == 'destroyed':
            power = told['power_state']
            assert told['cause'], 'no cause'
            assert power['desired_generation'] == \
                power['observed_generation'], power
            self.sandboxes.remove(sandbox)
            return 'destroyed'
        assert told['limits']['memory_bytes'] == sandbox.memory, 'memory'
        return told['state']

    def read(self, sandbox):
        """Wakes it."""
        sandbox.states |= {'running'}
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                got = self.api.once('GET', self.file(sandbox), None, {})
                got = got.decode()
                break
            except Refused as refusal:
                if refusal.status == 404 and '"life\\"' in str(refusal):
                    got = None
                    break
                self.log.append('refused: %s' % refusal)
                if self.look(sandbox) == 'destroyed':
                    return
                assert refusal.status == 409, refusal
            except Unsure as unsure:
                self.log.append('unsure: %s' % unsure)
            assert time.monotonic() < until, 'cannot be read'
            time.sleep(0.02)
        assert got in sandbox.values, '%s has %r, not one of %r' % (
            sandbox.id, got, sandbox.values)
        sandbox.values = {got}
        done['read'] += 1

    # One step each. Unsure: both what was and what was to be may be.
    def create(self, **fields):
        if len(self.sandboxes) >= SANDBOXES:
            return self.destroy(self.random.choice(self.sandboxes))
        name = self.next_name()
        values = {None}
        if self.snapshots and self.random.random() < 0.3:
            snapshot, values = self.random.choice(self.snapshots)
            fields['snapshot'] = snapshot
        if self.random.random() < 0.2:
            fields['ttl'] = self.random.choice([1, 2, 3])
            fields['on_expiry'] = self.random.choice(
                ['pause', 'suspend', 'clean', 'destroy'])
        try:
            told = self.api.call('POST', '/v1/sandboxes',
                                 dict(fields, name=name))
        except Unsure:
            there = self.named(name)
            assert len(there) <= 1, there
            if not there:
                return
            told = there[0]
            done['create unsure'] += 1
        sandbox = Sandbox(told['id'], set(values))
        sandbox.ends = {'pause': 'paused', 'suspend': 'suspended',
                        'clean': 'cleaned', 'destroy': 'destroyed'}.get(
                            fields.get('on_expiry'))
        if told['state'] in ('failed', 'destroying', 'destroyed'):
            return
        sandbox.states |= {settle(told['state'])}
        self.sandboxes.append(sandbox)

    def write(self, sandbox):
        self.count += 1
        value = '%s %d' % (sandbox.id, self.count)
        sandbox.values = sandbox.values | {value}
        sandbox.states |= {'running'}
        self.api.call('PUT', self.file(sandbox), data=value)
        sandbox.values = {value}

    def power(self, sandbox, verb, state):
        sandbox.states |= {state}
        self.api.call('POST', self.url(sandbox, '/' + verb))
        sandbox.states = {state}

    def pause(self, sandbox):
        self.power(sandbox, 'pause', 'paused')

    def resume(self, sandbox):
        self.power(sandbox, 'resume', 'running')

    def suspend(self, sandbox):
        self.power(sandbox, 'suspend', 'suspended')

    def refresh(self, sandbox):
        sandbox.states |= {'running'}
        self.api.call('POST', self.url(sandbox, '/refresh'))

    def resize(self, sandbox):
        memory = self.random.choice([256, 320, 384, 448, 512]) << 20
        before = sandbox.memory
        try:
            self.api.call('PATCH', self.url(sandbox), {'memory_bytes': memory})
            sandbox.memory = memory
        except Unsure:
            told = self.api.ask(self.url(sandbox))
            sandbox.memory = told['limits']['memory_bytes']
            assert sandbox.memory in (before, memory), sandbox.memory
            raise

    def run(self, sandbox):
        sandbox.states |= {'running'}
        told = self.api.call('POST', self.url(sandbox, '/exec'),
                             {'command': 'cat life 2>/dev/null || echo -n -'})
        assert told['stdout'] in {v or '-' for v in sandbox.values}, told

    def fork(self, sandbox):
        room = SANDBOXES + 2 - len(self.sandboxes)
        if room < 1:
            return
        name, count = self.next_name(), self.random.randint(1, min(room, 2))
        names = [name] if count == 1 else [
            '%s-%d' % (name, n + 1) for n in range(count)]
        try:
            self.api.call('POST', self.url(sandbox, '/fork'),
                          {'name': name, 'count': count})
        except Unsure:
            self.forked(sandbox, names, False)
            raise
        self.forked(sandbox, names, True)

    def forked(self, sandbox, names, is_sure):
        for name in names:
            there = self.named(name)
            if not there:
                assert not is_sure, name + ' was promised'
                continue
            child = Sandbox(there[0]['id'], set(sandbox.values))
            child.memory = there[0]['limits']['memory_bytes']
            child.states |= {settle(there[0]['state'])}
            child.ends = sandbox.ends
            assert there[0]['forked_from'] == sandbox.id
            self.sandboxes.append(child)

    def snapshot(self, sandbox):
        if len(self.snapshots) >= 4:
            gone, _ = self.snapshots.pop(0)
            try:
                self.api.call('DELETE', '/v1/snapshots/' + gone)
            except Unsure:
                pass	# the end of the run compares with the disk
            return
        name = self.next_name()
        try:
            self.api.call('POST', self.url(sandbox, '/snapshots'),
                          {'name': name})
        except Unsure:
            pass
        else:
            self.snapshots.append((name, set(sandbox.values)))

    def restore(self, sandbox):
        if not self.snapshots:
            return
        name, values = self.random.choice(self.snapshots)
        sandbox.values |= values
        sandbox.states |= {'running', 'suspended'}
        self.api.call('POST', self.url(sandbox, '/restore'),
                      {'snapshot': name})
        sandbox.values = set(values)

    def destroy(self, sandbox):
        sandbox.states |= {'destroyed'}
        try:
            self.api.call('DELETE', self.url(sandbox))
        except Refused as refusal:
            assert refusal.status == 404, refusal
        except Unsure:
            # It may go on being destroyed.
            if self.look(sandbox) != 'destroyed':
                sandbox.states |= {'destroyed'}
            return
        self.sandboxes.remove(sandbox)

    STEPS = [(write, 5), (read, 5), (run, 3), (pause, 4), (resume, 3),
             (suspend, 3), (refresh, 2), (resize, 2), (fork, 2), (snapshot, 2),
             (restore, 1), (destroy, 1), (create, 3)]

    def step(self):
        kinds, weights = zip(*self.STEPS)
        kind = self.random.choices(kinds, weights)[0]
        if not self.sandboxes:
            kind = Client.create
        arguments = []
        if kind is not Client.create:
            sandbox = self.random.choice(self.sandboxes)
            if self.look(sandbox) == 'destroyed':
                return
            arguments = [sandbox]
            self.log.append('%s %s %s' % (kind.__name__, sandbox.id,
                                          sandbox.states))
        try:
            kind(self, *arguments)
            outcome = kind.__name__
        except Unsure as unsure:
            outcome = kind.__name__ + ' unsure'
            self.log.append('unsure: %s' % unsure)
        except Refused as refusal:
            # What its state forbids, or what it became meanwhile.
            assert refusal.status in (404, 409, 429), refusal
            outcome = kind.__name__ + ' refused'
        with lock:
            done[outcome] += 1
            if sum(done.values()) // STEPS_A_KILL > done['kill']:
                done['kill'] += 1
                print('kill', flush=True)

    def live(self, steps):
        try:
            for _ in range(steps):
                if faults:
                    return
                self.step()
            for sandbox in list(self.sandboxes):
                if self.look(sandbox) != 'destroyed':
                    self.read(sandbox)
        except Exception as error:
            with lock:
                faults.append('\n  '.join(self.log) + '\nFAIL: client %d: '
                              '%r' % (self.number, error))


def main():
    path, steps, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    clients = [Client(path, n, seed * CLIENTS + n) for n in range(CLIENTS)]
    threads = [threading.Thread(target=client.live,
                                args=(steps // CLIENTS,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(dict(sorted(done.items()))), file=sys.stderr)
    for fault in faults:
        print(' ', fault, file=sys.stderr)
    # One whose time ends it may be gone by the time that somebody looks.
    for client in clients:
        for sandbox in client.sandboxes:
            if sandbox.ends != 'destroyed':
                print('lives', sandbox.id)
    sys.exit(1 if faults else 0)


main()
