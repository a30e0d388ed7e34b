# SPDX-License-Identifier: Apache-2.0
"""Rows of contrib/bench about how soon a program runs in a sandbox of the pool:
from the request that claims one, and from that claim's answer, to the first
instruction of its first command, by the clock that both have. The program is
tests/root/first-instant.c, in a template of its own with a pool.
"""
import statistics
import time

from bench_life import Api

TEMPLATE = 'first-instant'
PROGRAM = '/usr/local/bin/first-instant'
ROUNDS = 60
FROM_CLAIM_P50_MS = 1
FROM_CLAIM_P95_MS = 4


def make_template(api, program):
    one = '/v1/sandboxes/' + api.call('POST', '/v1/sandboxes', {})[1]['id']
    with open(program, 'rb') as file:
        api.request('PUT', one + '/files?path=/tmp/first-instant', file.read())
        answer = api.getresponse()
        words = answer.read()
    if answer.status >= 400:
        raise RuntimeError('PUT %s: %s' % (PROGRAM, words))
    api.call('POST', one + '/exec', {
        'argv': ['install', '-m', '755', '/tmp/first-instant', PROGRAM],
        'user': 'root'})
    api.call('POST', '/v1/templates', {
        'name': TEMPLATE, 'sandbox': one.rsplit('/', 1)[1],
        'shared': True})
    api.call('DELETE', one)


def measure(api):
    """Of each round (ms from the request, ms from its answer)."""
    samples = []
    for _ in range(ROUNDS):
        asked = time.time_ns()
        one = api.call('POST', '/v1/sandboxes', {'template': TEMPLATE})[1]
        claimed = time.time_ns()
        path = '/v1/sandboxes/' + one['id']
        ran = int(api.call('POST', path + '/exec',
                           {'argv': [PROGRAM]})[1]['stdout'])
        samples.append(((ran - asked) / 1e6, (ran - claimed) / 1e6))
        api.call('DELETE', path)
    return samples


def claim_rows(instance, row, program, wait_for_pool):
    api = Api(instance.values['SG_RUN'] + '/api.sock')
    make_template(api, program)
    api.call('PUT', '/v1/pool/' + TEMPLATE, {'size': ROUNDS})
    wait_for_pool(ROUNDS)
    for what, ms in zip(('asked for', 'claimed'), zip(*measure(api))):
        for name, value, target in (
                ('p50', statistics.median(ms), FROM_CLAIM_P50_MS),
                ('p95', statistics.quantiles(ms, n=20)[-1],
                 FROM_CLAIM_P95_MS)):
            row('%s to first instruction, %s' % (what, name), '-', 'ms',
                value, 0, None)
            if what == 'claimed':
                row.rows[-1].update(target=target, met=value <= target)
