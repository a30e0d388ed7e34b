# SPDX-License-Identifier: Apache-2.0
"""Rows of contrib/bench about a thousand idle sandboxes at once: what each costs
of memory, whether commands and lists take as long as with one, what the daemons
do meanwhile, and how soon all are gone. They are made cold, and from a pool.
"""
import os
import re
import statistics
import threading
import time

from bench_life import Api

CLIENTS = 8
ROUNDS = 200
SETTLE_SECONDS = 3
IDLE_SECONDS = 20
EACH_KIB_MAX = 0.6 * 1024
DESTROY_SECONDS_MAX = 30
RANGES = 1536  # an eighth of them is never the pool's
TICKS = os.sysconf('SC_CLK_TCK')


# Of the configuration: they are promised more than this machine has.
MORE = '[sandboxd]\nmemory_overcommit = 0\ndisk_overcommit = 0'


def kernel_kib():
    """Of the host, what the kernel has for itself and does not give back when
    it is asked to, and memory file systems."""
    text = open('/proc/meminfo').read()
    kib = dict((name, int(value)) for name, value in
               re.findall(r'^(\w+): +(\d+) kB', text, re.M))
    return sum(kib[name] for name in ('SUnreclaim', 'KernelStack',
                                      'PageTables', 'Percpu', 'Shmem'))


def pss_kib(pids):
    total = 0
    for pid in pids:
        try:
            text = open('/proc/%d/smaps_rollup' % pid).read()
            total += int(re.search(r'^Pss: +(\d+)', text, re.M).group(1))
        except (OSError, AttributeError):
            pass
    return total


class Groups:
    """The sandboxes' own cgroups."""

    def __init__(self, name):
        v1 = '/sys/fs/cgroup/memory/' + name
        self.folder = v1 if os.path.isdir(v1) else '/sys/fs/cgroup/' + name
        self.file = 'memory.usage_in_bytes' if self.folder == v1 else \
            'memory.current'

    def ids(self):
        return [x for x in os.listdir(self.folder) if x.startswith('sb_')]

    def charged_kib(self, ids):
        """By the kernel to them, its own objects included."""
        return sum(int(open('%s/%s/%s' % (self.folder, x, self.file)).read())
                   for x in ids) / 1024

    def pids(self, ids):
        found = []
        for one in ids:
            for top, _, files in os.walk('%s/%s' % (self.folder, one)):
                if 'cgroup.procs' in files:
                    text = open(top + '/cgroup.procs').read()
                    found += [int(pid) for pid in text.split()]
        return found

    def wait_for(self, n):
        """Until there are so many, for as long as they become more."""
        before, since = -1, time.monotonic()
        while time.monotonic() < since + 30:
            now = len(self.ids())
            if now >= n:
                return
            if now != before:
                before, since = now, time.monotonic()
            time.sleep(0.2)
        raise SystemExit('contrib/bench: %d of %d sandboxes' % (now, n))


def cpu_seconds(pids):
    """Of processor time, by processes that all live on."""
    total = 0
    for pid in pids:
        with open('/proc/%d/stat' % pid) as file:
            fields = file.read().rsplit(')', 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


def in_parallel(path, works):
    """Each of works, called with a connection; by CLIENTS. (seconds, answers)"""
    todo, answers, failures = list(works), [], []

    def client():
        api = Api(path)
        try:
            while todo:
                answers.append(todo.pop()(api))
        except (RuntimeError, OSError, IndexError) as failure:
            if todo:
                failures.append(failure)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return time.monotonic() - start, answers


def make(api):
    return api.call('POST', '/v1/sandboxes', {})[1]['id']


def drain(path, groups):
    """What came to the pool since goes again."""
    Api(path).call('PUT', '/v1/pool/base', {'size': 0})
    before = 0
    while before != len(groups.ids()):
        before = len(groups.ids())
        time.sleep(1)


def latencies_ms(path, one):
    """Medians of a command in it, of a get, and of the first page of a list."""
    api = Api(path)
    url = '/v1/sandboxes/' + one
    calls = (('POST', url + '/exec', {'argv': ['true']}), ('GET', url, None),
             ('GET', '/v1/sandboxes?limit=4', None))
    for call in calls:
        api.call(*call)
    samples = [[api.call(*call)[0] for call in calls] for _ in range(ROUNDS)]
    return [statistics.median(column) for column in zip(*samples)]


def thousand_rows(instance, row, kind, n, daemons):
    """daemons: tells the pids of the host's programs, sandboxes left out."""
    path = instance.values['SG_RUN'] + '/api.sock'
    groups = Groups(instance.values['SG_CGROUP'])
    one = make(Api(path))
    alone = latencies_ms(path, one)
    before_kib, before_pss = kernel_kib(), pss_kib(daemons())
    if kind == 'warm':
        wanted = len(groups.ids()) + n
        Api(path).call('PUT', '/v1/pool/base', {'size': n})
        groups.wait_for(wanted)
    seconds, ids = in_parallel(path, [make] * n)
    if kind == 'warm':
        drain(path, groups)
    what = '%d %s: ' % (n, kind)
    row(what + 'creates', '-', '/s', n / seconds, 0, None, True)
    time.sleep(SETTLE_SECONDS)
    pss = pss_kib(groups.pids(ids)) / n
    more = (pss_kib(daemons()) - before_pss) / n
    kernel = (kernel_kib() - before_kib) / n
    row(what + 'memory of each', '-', 'KiB', pss + more + kernel, 0, None)
    row.rows[-1].update(target=EACH_KIB_MAX,
                        met=pss + more + kernel <= EACH_KIB_MAX)
    row('  PSS of its init', '-', 'KiB', pss, 0, None)
    row('  PSS of daemons, more', '-', 'KiB', more, 0, None)
    row('  the kernel, more', '-', 'KiB', kernel, 0, None)
    row('  charged to its groups', '-', 'KiB', groups.charged_kib(ids) / n, 0,
        None)
    for name, ours, theirs in zip(('exec', 'get', 'list of 4'),
                                  latencies_ms(path, one), alone):
        row('  %s beside them' % name, 'alone', 'ms', ours, theirs, 1.1)
    pids = daemons() + groups.pids(ids)
    spent = cpu_seconds(pids)
    time.sleep(IDLE_SECONDS)
    row('  idle, of one CPU', '-', '%',
        (cpu_seconds(pids) - spent) / IDLE_SECONDS * 100, 0, None)
    seconds, _ = in_parallel(path, [
        lambda api, x=x: api.call('DELETE', '/v1/sandboxes/' + x)
        for x in ids])
    row('  destroyed, all', '-', 's', seconds, 0, None)
    row.rows[-1].update(target=DESTROY_SECONDS_MAX,
                        met=seconds <= DESTROY_SECONDS_MAX)
