# SPDX-License-Identifier: Apache-2.0
"""Rows of contrib/bench about the life of a sandbox: pause, resume, suspend, wake,
snapshot, restore, fork. One request at a time on one kept-alive connection to
the API's socket; what this client itself takes is in every figure, and is the
first row.
"""
import http.client
import json
import os
import socket
import statistics
import time

ROUNDS = 20
FORKS = 100
DISK_BYTES = 1 << 30
FLOOR_ROUNDS = 200


class Api(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__('localhost')
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)

    def call(self, method, path, fields=None):
        """(milliseconds, the answer)."""
        body = None if fields is None else json.dumps(fields)
        start = time.monotonic()
        self.request(method, path, body,
                     {'Content-Type': 'application/json'} if body else {})
        answer = self.getresponse()
        content = answer.read()
        took_ms = (time.monotonic() - start) * 1000
        if answer.status >= 400:
            raise RuntimeError('%s %s: %s' % (method, path, content))
        return took_ms, json.loads(content) if content else None


def fork_and_exec_ms():
    start = time.monotonic()
    os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)
    return (time.monotonic() - start) * 1000


class Life:
    def __init__(self, instance, row):
        self.api = Api(instance.values['SG_RUN'] + '/api.sock')
        self.row = row
        self.peer_ms = statistics.median(
            fork_and_exec_ms() for _ in range(FLOOR_ROUNDS))

    def add(self, what, samples_ms, target_ms=None):
        self.row(what, 'fork+exec', 'ms', statistics.median(samples_ms),
                 self.peer_ms, None)
        if target_ms is not None:
            self.row.rows[-1]['met'] = \
                statistics.median(samples_ms) <= target_ms

    def make(self):
        return self.api.call('POST', '/v1/sandboxes', {})[1]['id']

    def power(self):
        one = self.make()
        url = '/v1/sandboxes/' + one
        took = {verb: [] for verb in ('pause', 'resume', 'suspend', 'wake')}
        self.add('this client: API get', [self.api.call('GET', url)[0]
                                          for _ in range(FLOOR_ROUNDS)])
        for _ in range(ROUNDS):
            for verb in took:
                path = url + '/' + verb
                took[verb].append(self.api.call('POST', path)[0])
        for verb, samples_ms in took.items():
            self.add(verb, samples_ms)
        self.api.call('DELETE', url)

    def fill(self, one):
        """A file that fills the disk as far as the row says."""
        self.api.call('POST', '/v1/sandboxes/%s/exec' % one, {
            'command': 'head -c %d /dev/urandom >data; sync' % DISK_BYTES})

    def copies(self, what, one):
        url = '/v1/sandboxes/' + one
        took = {'snapshot': [], 'restore': [], 'fork': []}
        frozen_ms = []
        for _ in range(ROUNDS):
            ms, snapshot = self.api.call('POST', url + '/snapshots', {})
            took['snapshot'].append(ms)
            frozen_ms.append(snapshot['frozen_us'] / 1000)
            took['restore'].append(self.api.call('POST', url + '/restore', {
                'snapshot': snapshot['id']})[0])
            self.api.call('DELETE', '/v1/snapshots/' + snapshot['id'])
            ms, answer = self.api.call('POST', url + '/fork', {})
            took['fork'].append(ms)
            self.api.call('DELETE', '/v1/sandboxes/' +
                          answer['sandboxes'][0]['id'])
        self.add('snapshot, ' + what, took['snapshot'])
        self.add('  stands still', frozen_ms, 10)
        self.add('restore, ' + what, took['restore'])
        self.add('fork, ' + what, took['fork'],
                 15 if what != 'new' else None)

    def forks(self, one):
        url = '/v1/sandboxes/' + one
        ms, answer = self.api.call('POST', url + '/fork', {'count': FORKS})
        self.add('fork x %d' % FORKS, [ms], 1500)
        start = time.monotonic()
        for sandbox in answer['sandboxes']:
            self.api.call('DELETE', '/v1/sandboxes/' + sandbox['id'])
        self.add('destroy x %d' % FORKS, [(time.monotonic() - start) * 1000])


def life_rows(instance, row):
    life = Life(instance, row)
    life.power()
    one = life.make()
    life.copies('new', one)
    life.fill(one)
    life.copies('1 GiB', one)
    life.forks(one)
    life.api.call('DELETE', '/v1/sandboxes/' + one)
