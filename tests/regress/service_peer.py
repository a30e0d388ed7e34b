#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A program that serves HTTP inside a sandbox, for the tests of services: it
says what reached it, and does what a path asks of it, right or wrong.

service_peer.py PORT [ADDRESS]
"""
import base64
import hashlib
import json
import socketserver
import sys
import time

BAD = {
    "two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
                   b"Content-Length: 2\r\n\r\nxx",
    "both": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bare-lf": b"HTTP/1.1 200 OK\nContent-Length: 0\n\r\n\r\n",
    "no-http": b"220 hello\r\n\r\n",
    "unasked": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "endless": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100000,
    "nothing": b"",
    "short": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!",
    "bad-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 b"5\r\nfive!\r\nzz\r\n",
    "trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"5\r\nfive!\r\n0\r\n" + b"X: y\r\n" * 2000 + b"\r\n",
}


class Peer(socketserver.StreamRequestHandler):
    wbufsize = 0

    def handle(self):
        while self.one():
            pass

    def say(self, body, status="200 OK", more=b""):
        self.wfile.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s" % (
            status.encode(), len(body), more, body))

    def chunks(self):
        while True:
            size = int(self.rfile.readline(), 16)
            data = self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return
            yield data

    def body(self):
        if self.headers.get("expect") == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "transfer-encoding" in self.headers:
            yield from self.chunks()
            return
        left = int(self.headers.get("content-length", 0))
        while left > 0:
            data = self.rfile.read(min(left, 65536))
            if not data:
                return
            left -= len(data)
            yield data

    def one(self):
        line = self.rfile.readline()
        if not line:
            return False
        method, path, _ = line.decode().split()
        self.lines, self.headers = [], {}
        for raw in iter(self.rfile.readline, b"\r\n"):
            self.lines.append(raw.decode().strip())
            name, value = self.lines[-1].split(":", 1)
            self.headers[name.lower()] = value.strip()
        what = path.split("?")[0].strip("/").split("/")
        return getattr(self, "do_" + what[0], self.do_echo)(
            method, path, what[1:])

    def do_echo(self, method, path, _):
        total, size = hashlib.sha256(), 0
        for data in self.body():
            total.update(data)
            size += len(data)
        text = b"" if method == "HEAD" else json.dumps({
            "method": method, "path": path, "headers": self.lines,
            "size": size, "sha256": total.hexdigest()}).encode()
        self.say(text)
        return True

    def do_bad(self, _, __, what):
        self.wfile.write(BAD[what[0]])
        return False

    def do_early(self, *_):
        self.say(b"no\n", "413 Content Too Large", b"Connection: close\r\n")
        return False

    def do_redirect(self, *_):
        self.say(b"", "302 Found", b"Location: /there\r\n")
        return True

    def do_hints(self, *_):
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        self.say(b"hinted\n")
        return True

    def do_big(self, _, __, what):
        left, block = int(what[0]), b"\0" * 65536
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" %
                         left)
        while left > 0:
            self.wfile.write(block[:left])
            left -= min(left, len(block))
        return True

    def do_pingpong(self, *_):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n"
                         b"Transfer-Encoding: chunked\r\n\r\n")
        for data in self.chunks():
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.write(b"0\r\n\r\n")
        return True

    def do_trailers(self, *_):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                         b"Trailer: X-Sum, X-More\r\n\r\n5\r\nfive!\r\n0\r\n")
        for part in b"X-Sum: 1\r", b"\nX-Mo", b"re: 2\r\n\r", b"\n":
            time.sleep(0.05)
            self.wfile.write(part)
        return True

    def do_drop_by_drop(self, *_):
        for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 600:
            self.wfile.write(bytes([byte]))
            time.sleep(0.1)
        return False

    def do_until_end(self, *_):
        self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\nas long as it is\n")
        return False

    def do_slow(self, _, __, what):
        time.sleep(float(what[0]))
        self.say(b"at last\n")
        return True

    def do_never(self, *_):
        time.sleep(3600)
        return False

    def do_ws(self, *_):
        key = self.headers["sec-websocket-key"].encode()
        accept = base64.b64encode(hashlib.sha1(
            key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\n"
                         b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
                         b"Sec-WebSocket-Accept: %s\r\n\r\n" % accept)
        while True:
            head = self.rfile.read(2)
            if len(head) < 2:
                return False
            size = head[1] & 127
            if size > 125:
                size = int.from_bytes(self.rfile.read(
                    2 if size == 126 else 8), "big")
            mask = self.rfile.read(4)
            data = self.rfile.read(size)
            data = bytes(b ^ mask[i % 4] for i, b in enumerate(data)) \
                if size < 70000 else (int.from_bytes(data, "big") ^
                int.from_bytes((mask * (size // 4 + 1))[:size], "big")
                ).to_bytes(size, "big")
            length = bytes([size]) if size < 126 else (
                b"\x7e" + size.to_bytes(2, "big") if size < 65536 else
                b"\x7f" + size.to_bytes(8, "big"))
            self.wfile.write(head[:1] + length + data)
            if head[0] & 15 == 8:
                return False


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


address = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
if ":" in address:
    Server.address_family = socketserver.socket.AF_INET6
Server((address, int(sys.argv[1])), Peer).serve_forever()
