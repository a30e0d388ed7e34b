# SPDX-License-Identifier: Apache-2.0
"""Asks each route of `gateway-http -r` as nobody who may, and holds the 401
against what its clients know one by."""
import collections
import http.client
import json
import re
import sys

PORT = int(sys.argv[1])
GOOD, EXPIRED, REVOKED = sys.argv[2:5]
TOKENS = {'no token': None, 'none of ours': 'x' * len(GOOD),
          'an expired one': EXPIRED, 'a revoked one': REVOKED}


def is_native(body):
    error = body['error']
    return (error['code'] == 'unauthenticated' and error['message'] and
            re.match(r'req_', error['request_id']))


def is_numbered(body):
    return body['code'] == 401 and body['message']


def is_e2b(body):
    return body['code'] in (401, 'unauthenticated') and body['message']


def is_sandbox0(body):
    error = body['error']
    return (body['success'] is False and error['message'] and
            error['code'] == 'unauthorized' and
            re.match(r'req_', error['details']['request_id']))


def is_acontext(body):
    return (body['code'] == 401 and body['error'] == 'unauthenticated' and
            body['msg'])


def is_mcp(body):
    return (body['jsonrpc'] == '2.0' and body['id'] is None and
            body['error']['data']['code'] == 'unauthenticated')


SHAPES = {'native': is_native, 'e2b': is_e2b, 'sandbase': is_numbered,
          'sandbox0': is_sandbox0, 'acontext': is_acontext, 'mcp': is_mcp}


class Asker:
    """One connection, which a 401 may end."""

    def __init__(self):
        self.connection = http.client.HTTPConnection('127.0.0.1', PORT,
                                                     timeout=60)

    def ask(self, dialect, method, pattern, token):
        path = re.sub(r'\{\w+\}', 'sb_0000000000000', pattern)
        headers = {'E2b-Sandbox-Id': 'sb_0000000000000'}
        if token is not None and dialect in ('e2b', 'sandbase'):
            headers['X-API-Key'] = token
        elif token is not None:
            headers['Authorization'] = f'Bearer {token}'
        body = None
        if method in ('POST', 'PUT', 'PATCH'):
            body = b'{}'
            headers['Content-Type'] = 'application/json'
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer, answer.read()


def is_its_own(dialect, answer, data):
    try:
        return (answer.headers['X-Request-Id'].startswith('req_') and
                answer.headers.get_content_type() == 'application/json' and
                bool(SHAPES[dialect](json.loads(data))))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def main():
    asker = Asker()
    asked = collections.Counter()
    wrong = []
    for line in sys.stdin:
        dialect, who, method, pattern = line.split()
        if who == 'public':
            continue
        for what, token in TOKENS.items():
            answer, data = asker.ask(dialect, method, pattern, token)
            if answer.status != 401 or not is_its_own(dialect, answer, data):
                wrong.append(f'{dialect} {method} {pattern}, {what}: '
                             f'{answer.status} {data[:200]!r}')
        asked[dialect] += 1
    if set(asked) != set(SHAPES):
        wrong.append(f'routes of {sorted(asked)}, not of {sorted(SHAPES)}')
    # The same tokens' sibling is let in.
    answer, data = asker.ask('native', 'GET', '/v1/status', GOOD)
    if answer.status != 200:
        wrong.append(f'a good token: {answer.status} {data[:200]!r}')
    if wrong:
        sys.exit('\n'.join(wrong))
    for dialect, n in sorted(asked.items()):
        print(f'{dialect}: {n} routes, {len(TOKENS)} ways each: 401')


main()
