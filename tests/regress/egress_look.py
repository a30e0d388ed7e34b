#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Both ends of what is looked at.

serve ADDRESS,... CERT KEY: TLS at port 4443, which says "hello NAME" of the name
it was told, and 4 MiB to who asks, or bytes until the file $LOOK_END is there, whose
SHA-256 and number it prints then; HTTP at port 8000, which says "host NAME".
resolve NAME...: looks them up.
tls NAME|- ADDRESS PORT: what the server says to a client that names it so.
slowly NAME ADDRESS PORT N: the same, N bytes of the first ones at a time.
ech NAME ADDRESS PORT: with an encrypted ClientHello in it, as it seems.
large NAME ADDRESS PORT: how many bytes came.
digest NAME ADDRESS PORT: prints "begun", and of all that came the SHA-256 and
how many bytes it was.
raw WORDS ADDRESS PORT: says just that.
http NAME ADDRESS PORT, twice NAME NAME ADDRESS PORT: requests for it, the second
in the same breath.
hold NAME ADDRESS PORT: prints what comes until it ends.
Standard library only; read from standard input by the python3 of a sandbox.
"""
import hashlib
import os
import socket
import ssl
import sys
import threading
import time

LARGE = 4 << 20
WAIT_S = 10


def family_of(address):
    return socket.AF_INET6 if ':' in address else socket.AF_INET


def send_until(tls):
    digest, n = hashlib.sha256(), 0
    while not os.path.exists(os.environ['LOOK_END']):
        data = os.urandom(16384)
        tls.sendall(data)
        digest.update(data)
        n += len(data)
        time.sleep(0.005)
    print('sent', digest.hexdigest(), n, flush=True)


def serve_tls(connection, context):
    named = []
    context.sni_callback = lambda _s, name, _c: named.append(name)
    try:
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.sendall(('hello %s' % (named or ['-'])[0]).encode())
            wanted = tls.recv(16)
            if wanted == b'large':
                tls.sendall(bytes(LARGE))
            elif wanted == b'until':
                send_until(tls)
    except OSError:
        pass


def serve_http(connection):
    """Several requests a connection, unless told that it is the last."""
    data = b''
    try:
        while True:
            while b'\r\n\r\n' not in data:
                more = connection.recv(4096)
                if not more:
                    return
                data += more
            head, data = data.split(b'\r\n\r\n', 1)
            host = [line[6:] for line in head.split(b'\r\n')
                    if line.lower().startswith(b'host: ')][0].decode()
            print('http', host, flush=True)
            body = 'host ' + host
            connection.sendall(('HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n'
                                % len(body) + body).encode())
            if b'connection: close' in head.lower():
                return
    except OSError:
        pass
    finally:
        connection.close()


def serve(addresses, cert, key):
    def context():
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(cert, key)
        return (made,)

    def loop(server, serve_one, more):
        while True:
            connection, _ = server.accept()
            threading.Thread(target=serve_one, args=(connection,) + more(),
                             daemon=True).start()

    for address in addresses.split(','):
        for port, one, more in ((4443, serve_tls, context),
                                (8000, serve_http, tuple)):
            server = socket.create_server((address, port),
                                          family=family_of(address))
            threading.Thread(target=loop, args=(server, one, more),
                             daemon=True).start()
    print('ready', flush=True)
    threading.Event().wait()


class Tls:
    """A client by memory, so that its bytes can be sent as one likes."""

    def __init__(self, name, address, port):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing,
                                    server_hostname=None if name == '-'
                                    else name)
        self.socket = socket.create_connection((address, int(port)), WAIT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def first(self):
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self.outgoing.read()

    def run(self, call, *arguments):
        while True:
            try:
                result = call(*arguments)
                self.socket.sendall(self.outgoing.read())
                return result
            except ssl.SSLWantReadError:
                self.socket.sendall(self.outgoing.read())
                data = self.socket.recv(65536)
                if not data:
                    raise OSError('end') from None
                self.incoming.write(data)

    def greet(self):
        self.run(self.tls.do_handshake)
        return self.run(self.tls.read, 4096).decode()


def tls(name, address, port):
    client = Tls(name, address, port)
    client.socket.sendall(client.first())
    print(client.greet())
    return client


def slowly(name, address, port, each):
    client = Tls(name, address, port)
    data = client.first()
    for at in range(0, len(data), int(each)):
        client.socket.sendall(data[at:at + int(each)])
        if at < 20:
            time.sleep(0.02)
    print(client.greet())


def ech(name, address, port):
    client = Tls(name, address, port)
    data = client.first()
    # supported_versions becomes encrypted_client_hello: only its name is looked
    # at, and the server is never asked.
    client.socket.sendall(data.replace(b'\0\x2b\0', b'\xfe\x0d\0', 1))
    print(client.greet())


def large(name, address, port):
    client = Tls(name, address, port)
    client.socket.sendall(client.first())
    client.greet()
    client.run(client.tls.write, b'large')
    n = 0
    while n < LARGE:
        n += len(client.run(client.tls.read, 65536))
    print(n)


def digest(name, address, port):
    client = Tls(name, address, port)
    client.socket.sendall(client.first())
    client.greet()
    client.run(client.tls.write, b'until')
    print('begun', flush=True)
    made, n = hashlib.sha256(), 0
    try:
        while data := client.run(client.tls.read, 65536):
            made.update(data)
            n += len(data)
    except OSError:
        pass
    print('got', made.hexdigest(), n)


def raw(words, address, port):
    with socket.create_connection((address, int(port)), WAIT_S) as client:
        client.sendall(words.encode() + b'\r\n')
        data = client.recv(4096)
        if not data:
            raise OSError('end')
        print(data)


def ask_http(address, port, *names):
    with socket.create_connection((address, int(port)), WAIT_S) as client:
        client.sendall(b''.join(b'GET / HTTP/1.1\r\nHost: %s\r\n\r\n' %
                                name.encode() for name in names))
        data = b''
        while True:
            more = client.recv(4096)
            data += more
            if not more or (len(names) == 1 and b'host' in data):
                break
        if not data:
            raise OSError('end')
        print(' '.join(part.split(b'HTTP/')[0].decode()
                       for part in data.split(b'\r\n\r\n')[1:]))


def hold(name, address, port, *_):
    client = Tls(name, address, port)
    client.socket.sendall(client.first())
    print(client.greet(), flush=True)
    client.socket.settimeout(600)
    client.socket.recv(1)


def main(what, *words):
    if what == 'serve':
        serve(*words)
    elif what == 'resolve':
        print([socket.getaddrinfo(name, 1)[0][4][0] for name in words])
    try:
        if what in ('tls', 'slowly', 'ech', 'large', 'raw', 'hold', 'digest'):
            globals()[what](*words)
        elif what == 'http':
            ask_http(*words[1:], words[0])
        elif what == 'twice':
            ask_http(*words[2:], *words[:2])
    except OSError as error:
        print('cut:', error)


main(*sys.argv[1:])
