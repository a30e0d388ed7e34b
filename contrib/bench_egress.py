# SPDX-License-Identifier: Apache-2.0
"""Rows of contrib/bench about egress policies: what changing one takes and what a
packet costs, among so many sandboxes, and what a name takes beside what the
upstream takes to answer it.

Policies and packets are those of tests/root/egress-load.c: namespaces with the
links and tables of sandboxes, made and changed by the functions that sandboxd has
for it, and no processes in them. Names are asked for in a sandbox, by one process
that asks the same upstream from the host in turn.
"""
import glob
import os
import re
import socket
import statistics
import struct
import subprocess
import sys
import threading

from bench_life import Api

COUNTS = (10, 100, 1000, 2000)
CHANGE_MS = 0.3
PACKET_RATIO = 1.2
UPSTREAM = '192.0.2.253'
MORE = '[sandboxd]\ndns = %s\n' % UPSTREAM
NAME = 'bench.example'
ADDRESS = '198.51.100.9'
ASKER = '''
import socket, struct, sys, time
name, n = sys.argv[1], int(sys.argv[2])
labels = b''.join(bytes([len(l)]) + l.encode() for l in name.split('.'))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.connect((sys.argv[3], 53))
took = []
for i in range(n):
    # Another name each time, so that nobody has an answer ready.
    label = b'%d-%d' % (time.time_ns(), i)
    data = struct.pack('>H', i) + b'\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0' + \\
        bytes([len(label)]) + label + labels + b'\\0\\0\\1\\0\\1'
    start = time.perf_counter()
    s.send(data)
    reply = s.recv(4096)
    took.append((time.perf_counter() - start) * 1e3)
    if reply[:2] != data[:2] or reply[7] != 1:
        sys.exit('not answered: %r' % reply)
    time.sleep(0.011)
print(sorted(took)[n // 2])
'''
ASKED = 60
ASKED_ROUNDS = 5


def policy_rows(program, row):
    process = subprocess.Popen([program] + [str(n) for n in COUNTS],
                               stdout=subprocess.PIPE, text=True)
    with process:
        for line in process.stdout:
            found = dict(re.findall(r'(\w+)=([\d.]+)', line))
            for what in ('install', 'update', 'delete'):
                ms = float(found[what + '_us']) / 1e3
                row('policy %s, of %s' % (what, found['n']), 'target', 'ms',
                    ms, CHANGE_MS, 1.0)
            row('a packet, of ' + found['n'], 'no table', 'us',
                float(found['packet_ns']) / 1e3,
                float(found['plain_ns']) / 1e3, PACKET_RATIO)
            row('  beside tracking and NAT', 'no rules', 'us',
                float(found['packet_ns']) / 1e3,
                float(found['tracked_ns']) / 1e3, PACKET_RATIO)
    if process.returncode != 0:
        sys.exit('contrib/bench: egress-load failed')


class Upstream:
    """A DNS server on the host, with one answer that it has ready."""

    def __enter__(self):
        subprocess.run(('ip', 'addr', 'add', UPSTREAM + '/32', 'dev', 'lo'),
                       check=False, stderr=subprocess.DEVNULL)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((UPSTREAM, 53))
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def serve(self):
        record = struct.pack('>HHHIH', 0xc00c, 1, 1, 300, 4) + \
            socket.inet_aton(ADDRESS)
        while True:
            data, peer = self.socket.recvfrom(512)
            end = data.index(b'\0', 12) + 5
            self.socket.sendto(data[:2] + b'\x85\x80\0\1\0\1\0\0\0\0' +
                               data[12:end] + record, peer)

    def __exit__(self, *_):
        self.socket.close()
        subprocess.run(('ip', 'addr', 'del', UPSTREAM + '/32', 'dev', 'lo'),
                       check=False)


def init_of(sandbox):
    for path in glob.glob('/proc/[0-9]*/cgroup'):
        try:
            with open(path) as file:
                if '/' + sandbox not in file.read():
                    continue
            with open(os.path.dirname(path) + '/status') as file:
                if re.search(r'^NSpid:.*\s1$', file.read(), re.M):
                    return path.split('/')[2]
        except OSError:
            pass
    raise RuntimeError('no init of ' + sandbox)


def asked_ms(*enter):
    return float(subprocess.run(
        enter + (sys.executable, '-c', ASKER, NAME, str(ASKED), UPSTREAM),
        check=True, text=True, stdout=subprocess.PIPE).stdout)


def name_rows(instance, row):
    """The difference to the upstream's own time is the row."""
    api = Api(instance.values['SG_RUN'] + '/api.sock')
    sandbox = api.call('POST', '/v1/sandboxes', {'egress': {
        'default': 'deny', 'rules': [{'action': 'allow', 'domains': ['*.' + NAME],
                                      'ports': [443]}]}})[1]['id']
    enter = ('nsenter', '-n', '-t', init_of(sandbox))
    ours, own = [], []
    for _ in range(ASKED_ROUNDS):
        own.append(asked_ms())
        ours.append(asked_ms(*enter))
    api.call('DELETE', '/v1/sandboxes/' + sandbox)
    row('a name', 'upstream', 'ms', statistics.median(ours),
        statistics.median(own), None)
    row('a name, more than that', 'target', 'ms', statistics.median(ours) -
        statistics.median(own), CHANGE_MS, 1.0)
