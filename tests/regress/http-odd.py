# SPDX-License-Identifier: Apache-2.0
"""Requests as odd as HTTP lets them be: each is answered as it should be, and
nothing else. Argument: the API's socket, a sandbox, a token."""
import json
import socket
import sys

PATH, BOX, TOKEN = sys.argv[1:4]
ONE = f'/v1/sandboxes/{BOX}'
WAIT_S = 60


class Client:
    def __init__(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(WAIT_S)
        self.sock.connect(PATH)
        self.left = b''

    def send(self, text):
        self.sock.sendall(text.encode('latin-1'))

    def until(self, end):
        while end not in self.left:
            got = self.sock.recv(65536)
            if not got:
                raise EOFError(self.left)
            self.left += got
        part, _, self.left = self.left.partition(end)
        return part

    def answer(self, is_head=False):
        """Status, headers by lower case, body."""
        lines = self.until(b'\r\n\r\n').decode('latin-1').split('\r\n')
        headers = dict((name.lower(), value.strip()) for name, value in
                       (line.split(':', 1) for line in lines[1:]))
        status = int(lines[0].split()[1])
        body = b''
        if is_head or status in (100, 204):
            return status, headers, body
        if headers.get('transfer-encoding') == 'chunked':
            while size := int(self.until(b'\r\n'), 16):
                self.need(size + 2)
                body += self.left[:size]
                self.left = self.left[size + 2:]
            self.until(b'\r\n')
            return status, headers, body
        size = int(headers['content-length'])
        self.need(size)
        body, self.left = self.left[:size], self.left[size:]
        return status, headers, body

    def need(self, size):
        while len(self.left) < size:
            got = self.sock.recv(65536)
            if not got:
                raise EOFError(self.left)
            self.left += got


def head(method, target, *lines, token=TOKEN):
    return ''.join(line + '\r\n' for line in (
        f'{method} {target} HTTP/1.1', 'Host: api',
        f'Authorization: Bearer {token}', *lines)) + '\r\n'


def expect(what, got, wanted):
    if got != wanted:
        sys.exit(f'{what}: {got}, not {wanted}')


def simple(what, wanted, method, target, *lines, body='', token=TOKEN):
    client = Client()
    client.send(head(method, target, *lines, token=token) + body)
    status, _, text = client.answer(method == 'HEAD')
    if status != wanted:
        sys.exit(f'{what}: {status}, not {wanted}: {text[:300]}')
    return text


def of_expectation():
    client = Client()
    put = (ONE + '/files?path=/tmp/expected', 'Expect: 100-continue',
           'Content-Length: 5')
    client.send(head('PUT', *put))
    expect('is asked to go on', client.answer()[0], 100)
    client.send('hello')
    expect('went on', client.answer()[0], 200)
    expect('what came', simple('read', 200, 'GET',
           ONE + '/files?path=/tmp/expected'), b'hello')
    # Whoever may not is told so before the body.
    client = Client()
    client.send(head('PUT', *put, token='sgt_absent'))
    expect('is refused at once', client.answer()[0], 401)
    client = Client()
    client.send(head('PUT', ONE + '/files?path=/absent/x/../../y',
                     'Expect: 100-continue', 'Content-Length: 99999999999'))
    status, _, _ = client.answer()
    if status == 100:  # it may only find out while it comes
        client.sock.shutdown(socket.SHUT_WR)
        status, _, _ = client.answer()
    if status < 400:
        sys.exit(f'an endless body: {status}')


def of_bodies():
    body = json.dumps({'command': 'echo in chunks'})
    chunks = ''.join(f'{len(part):x}\r\n{part}\r\n' for part in
                     (body[:1], body[1:7], body[7:])) + '0\r\n\r\n'
    got = json.loads(simple('chunked', 200, 'POST', ONE + '/exec',
                            'Content-Type: application/json',
                            'Transfer-Encoding: chunked', body=chunks))
    expect('what ran', got['stdout'], 'in chunks\n')
    client = Client()
    for byte in head('POST', ONE + '/exec', 'Content-Type: application/json',
                     f'Content-Length: {len(body)}') + body:
        client.send(byte)
    expect('a byte at a time', client.answer()[0], 200)
    simple('no body, no type, no length', 200, 'POST', ONE + '/refresh')
    simple('of length 0', 200, 'POST', ONE + '/refresh', 'Content-Length: 0')
    simple('of length 0 and a type', 200, 'POST', ONE + '/refresh',
           'Content-Type: application/json', 'Content-Length: 0')
    simple('another type', 415, 'POST', ONE + '/exec',
           'Content-Type: text/plain', 'Content-Length: 2', body='{}')
    # Of what comes in chunks HEAD has nothing, not even their end.
    for target in ('/files/list?path=/etc', '/logs', '/files/search?path=/etc'
                   '&name=*'):
        client = Client()
        client.send(head('HEAD', ONE + target))
        expect('HEAD ' + target, client.answer(True)[0], 200)
        expect('after it', client.sock.recv(100), b'')
    # Three in one packet are three, in order.
    client = Client()
    client.send(head('GET', '/v1/status') + head('HEAD', ONE) +
                head('GET', '/healthz'))
    expect('first', client.answer()[0], 200)
    expect('second', client.answer(True)[0], 200)
    expect('third', client.answer()[2], b'{"status":"ok"}')


def of_paths():
    odd = ''.join(f'%{ord(char):02x}' for char in BOX)
    expect('an encoded id', json.loads(simple('encoded', 200, 'GET',
           '/v1/sandboxes/' + odd))['id'], BOX)
    # Decoded before it is looked at, so that both are the same to all.
    for target, wanted in ((f'/v1%2Fsandboxes/{BOX}', 200),
                           (f'/v1/sandboxes/{BOX}%2F..', 404),
                           (f'/v1/sandboxes/../sandboxes/{BOX}', 404),
                           (f'//v1/sandboxes/{BOX}', 404),
                           (f'/v1/sandboxes/{BOX}/', 404),
                           ('/v1/sandboxes/%00', 400),
                           ('/v1/sandboxes/' + 'x' * 4000, 404)):
        simple(target, wanted, 'GET', target)
    for target in ('/v1/%zz', '/v1/sandboxes/%', 'v1', '*'):
        client = Client()
        client.send(head('GET', target))
        status = client.answer()[0]
        if status not in (400, 404):
            sys.exit(f'{target}: {status}')
    name = 'a b+c%&\u00e9#?;'
    coded = ''.join(f'%{byte:02X}' for byte in name.encode())
    simple('written', 200, 'PUT', f'{ONE}/files?path=%2Ftmp%2F{coded}',
           'Content-Length: 1', body='x')
    got = json.loads(simple('listed', 200, 'GET',
                            f'{ONE}/files/list?path=/tmp'))
    if name not in [entry['name'] for entry in got['entries']]:
        sys.exit(f'{name} is not among {got}')
    simple('removed', 204, 'DELETE', f'{ONE}/files?path=/tmp/{coded}')
    # No path reaches this host's.
    simple("this host's", 404, 'GET',
           f'{ONE}/files?path=/tmp/../../../../..{PATH}')


def of_slowness():
    """Those who say half a word keep nobody else waiting."""
    slow = [Client() for _ in range(50)]
    for client in slow:
        client.send('POST /v1/sandboxes HTTP/1.1\r\nHost: a\r\nX-')
    halves = [Client() for _ in range(20)]
    for client in halves:
        client.send(head('POST', ONE + '/exec',
                         'Content-Type: application/json',
                         'Content-Length: 100') + '{"comm')
    for _ in range(20):
        simple('beside the slow', 200, 'GET', ONE)
    body = 'and": "true"}'.ljust(100 - len('{"comm'))
    for client in halves:
        client.send(body)
    for client in halves:
        expect('a slow one', client.answer()[0], 200)


of_expectation()
of_bodies()
of_paths()
of_slowness()
