# SPDX-License-Identifier: Apache-2.0
"""Connects to an editor's server as its window does: a WebSocket, then the
handshake of its protocol in frames of 13 octets of header. Prints the status
of the first and the type of the message that answers the second.

    ide_socket.py PORT TOKEN
"""
import json
import os
import socket
import struct
import sys

CONTROL = 2


def exactly(source, n_octets):
    octets = b""
    while len(octets) < n_octets:
        more = source.recv(n_octets - len(octets))
        if not more:
            raise SystemExit(f"closed after {octets!r}")
        octets += more
    return octets


def send(server, payload):
    mask = os.urandom(4)
    assert len(payload) < 65536
    server.sendall(b"\x82\xfe" + struct.pack(">H", len(payload)) + mask +
                   bytes(o ^ mask[n % 4] for n, o in enumerate(payload)))


def receive(server):
    n_octets = exactly(server, 2)[1] & 127
    if n_octets == 126:
        n_octets = struct.unpack(">H", exactly(server, 2))[0]
    return exactly(server, n_octets)


def main(port, token):
    server = socket.create_connection(("127.0.0.1", int(port)), 30)
    server.sendall((
        "GET /?reconnectionToken=a-window&reconnection=false"
        f"&skipWebSocketFrames=false&tkn={token} HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += exactly(server, 1)
    print(head.split()[1].decode())
    text = json.dumps({"type": "auth", "auth": token, "data": "x"}).encode()
    send(server, struct.pack(">BIII", CONTROL, 0, 0, len(text)) + text)
    messages = b""
    while True:
        messages += receive(server)
        while len(messages) >= 13:
            kind, _, _, n_octets = struct.unpack(">BIII", messages[:13])
            if len(messages) < 13 + n_octets:
                break
            body = messages[13:13 + n_octets]
            messages = messages[13 + n_octets:]
            if kind == CONTROL:
                print(json.loads(body)["type"])
                return


main(*sys.argv[1:])
