#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: a request that a proxy may read otherwise is answered 400 and the
# connection closed; what was hidden in it is never answered.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'

timeout 120 /usr/bin/python3 - "$SG_RUN/api.sock" <<'END_OF_PYTHON'
import re
import socket
import sys

GET = b'GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n'
HIDDEN = b'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'
POST = b'POST /v1/sandboxes HTTP/1.1\r\nHost: x\r\n' \
    b'Content-Type: application/json\r\n'
CHUNKS = POST + b'Transfer-Encoding: chunked\r\n\r\n'
BODY = b'{"pids": -1}'  # 400 by itself, and the connection stays
LENGTH = b'Content-Length: %d\r\n' % len(BODY)


def ask(*pieces, ends=False):
    """All that is answered until the other side closes, or says "ok"."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(60)
        sock.connect(sys.argv[1])
        for piece in pieces:
            sock.sendall(piece)
        if ends:
            sock.shutdown(socket.SHUT_WR)
        reply = b''
        while b'"ok"' not in reply:
            data = sock.recv(65536)
            if not data:
                return reply, True
            reply += data
        return reply, False


def statuses(reply):
    return [int(n) for n in re.findall(rb'HTTP/1\.1 (\d\d\d) ', reply)]


refused = {
    'two lengths': POST + LENGTH + LENGTH + b'\r\n' + BODY,
    'length and chunked': POST + LENGTH +
        b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'chunked and length': POST + b'Transfer-Encoding: chunked\r\n' + LENGTH +
        b'\r\n0\r\n\r\n',
    'folded length': POST + b'Content-Length:\r\n %d\r\n\r\n' % len(HIDDEN),
    'length in a fold': POST + b'A: b\r\n Content-Length: %d\r\n\r\n' %
        len(HIDDEN),
    'length after a bare LF': POST + b'A: b\n' + LENGTH + b'\r\n' + BODY,
    'bare LF everywhere': (POST + LENGTH + b'\r\n').replace(b'\r', b'') +
        BODY,
    'bare CR': POST + b'A: b\r' + LENGTH + b'\r\n' + BODY,
    'plus': POST + b'Content-Length: +12\r\n\r\n' + BODY,
    'space inside': POST + b'Content-Length: 1 2\r\n\r\n' + BODY,
    'space before the colon': POST + b'Content-Length : 12\r\n\r\n' + BODY,
    'list of lengths': POST + b'Content-Length: 12, 12\r\n\r\n' + BODY,
    'length past 64 bits': POST +
        b'Content-Length: 18446744073709551628\r\n\r\n' + BODY,
    'identity': POST + b'Transfer-Encoding: identity\r\n\r\n' + BODY,
    'gzip, chunked': POST + b'Transfer-Encoding: gzip, chunked\r\n\r\n'
        b'0\r\n\r\n',
    'chunk past 64 bits': CHUNKS + b'1000000000000000c\r\n' + BODY +
        b'\r\n0\r\n\r\n',
    'chunk longer than it says': CHUNKS + b'b\r\n' + BODY + b'\r\n0\r\n\r\n',
    'chunk shorter than it says': CHUNKS + b'd\r\n' + BODY + b'\r\n0\r\n\r\n',
    'chunk with a bare LF': CHUNKS + b'c\n' + BODY + b'\r\n0\r\n\r\n',
    'chunk with an extension': CHUNKS + b'c;a=b\r\n' + BODY +
        b'\r\n0\r\n\r\n',
    'trailer': CHUNKS + b'c\r\n' + BODY + b'\r\n0\r\nA: b\r\n\r\n',
    'empty line first': b'\r\n',
    'HTTP/0.9': b'GET /healthz\r\n\r\n',
    'head without an end': b'GET / HTTP/1.1\r\n' + b'A: b\r\n' * 5000,
}
for name, request in refused.items():
    for pieces in ((request + HIDDEN,), (GET + request + HIDDEN,),
            (request[:-1], request[-1:], HIDDEN)):
        try:
            reply, is_closed = ask(*pieces)
        except (BrokenPipeError, ConnectionResetError):
            continue  # closed before all of it was sent
        wanted = [200, 400] if pieces[0].startswith(GET) else [400]
        assert is_closed and statuses(reply) == wanted, (name, pieces, reply)
        assert b'"code":"invalid_argument"' in reply, (name, reply)
        assert b'\r\nConnection: close\r\n' in reply, (name, reply)

# Beside them, what is taken, and goes on.
taken = {
    'length': POST + LENGTH + b'\r\n' + BODY,
    'chunked': CHUNKS + b'5\r\n' + BODY[:5] + b'\r\n7\r\n' + BODY[5:] +
        b'\r\n0\r\n\r\n',
    'two in a row': POST + LENGTH + b'\r\n' + BODY + POST + LENGTH + b'\r\n' +
        BODY,
    'unknown path': b'GET /nope HTTP/1.1\r\nHost: x\r\n\r\n',
    'a large head': b'GET /nope HTTP/1.1\r\nHost: x\r\nA: ' + b'a' * 9000 +
        b'\r\n\r\n',
}
for name, request in taken.items():
    for pieces in ((request + HIDDEN,), (request, HIDDEN),
            [bytes([byte]) for byte in request + HIDDEN][:3000] +
            [(request + HIDDEN)[3000:]]):
        reply, is_closed = ask(*pieces)
        wanted = [404 if b'/nope' in request else 400] * \
            request.count(b'Host') + [200]
        assert not is_closed and statuses(reply) == wanted, (name, reply)
        assert b'"field":"pids"' in reply or b'/nope' in request, reply

# A hundred in one write, and their answers in order.
reply, _ = ask(b'GET /nope HTTP/1.1\r\nHost: x\r\n\r\n' * 1000 + HIDDEN)
assert statuses(reply) == [404] * 1000 + [200], statuses(reply)

# A body that ends early is no request; what is past its end is one.
reply, _ = ask(POST + b'Content-Length: 40\r\n\r\n{"name":"early"}', ends=True)
assert 201 not in statuses(reply), reply
reply, is_closed = ask(POST + LENGTH + b'\r\n' + BODY + b'surplus\r\n\r\n' +
    HIDDEN)
assert is_closed and statuses(reply) == [400, 400], reply
END_OF_PYTHON
assert_eq 'nothing was made of it' "$(curl -sS -m 60 --unix-socket \
    "$SG_RUN/api.sock" http://x/v1/sandboxes | grep -c '"early"')" 0
