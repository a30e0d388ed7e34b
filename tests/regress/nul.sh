#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: a NUL inside a name, a secret, a command or a path ends the connection, as
# with sshd; what comes before it is not taken for the whole.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
/usr/bin/python3 -c 'import paramiko' || skip 'paramiko is not installed'
token=
if [ "$SG_MODE" = product ]; then
	name=nul-$RANDOM$RANDOM
	token=$(new_token "$name")
	at_exit 'sg token revoke "$(token_id "$name")"'
fi
/usr/bin/python3 - "$token" <<'END'
import os, sys, time
import paramiko
from paramiko.common import cMSG_CHANNEL_OPEN, cMSG_CHANNEL_REQUEST, \
    cMSG_GLOBAL_REQUEST, cMSG_USERAUTH_REQUEST

env, token = os.environ, sys.argv[1]
key = paramiko.Ed25519Key.from_private_key_file(env['SG_KEY'])
servers = {'product': (env['SG_PORT'], env['SG_SANDBOX']),
    'sshd': (env['REF_PORT'], env['REF_USER'])}

def message(kind, *fields):
    m = paramiko.Message()
    m.add_byte(kind)
    for field in fields:
        if isinstance(field, bool):
            m.add_boolean(field)
        elif isinstance(field, int):
            m.add_int(field)
        else:
            m.add_string(field)
    return m

def connect(server):
    transport = paramiko.Transport(('127.0.0.1', int(server[0])))
    transport.start_client(timeout=120)
    return transport

def ended(transport, seconds):
    end = time.monotonic() + seconds
    while transport.is_active() and time.monotonic() < end:
        time.sleep(0.02)
    return not transport.is_active()

def check(what, name, transport, wanted=True):
    got = ended(transport, 60 if wanted else 0.5)
    transport.close()
    if got != wanted:
        sys.exit('%s, %s: %s' % (what, name, 'ended' if got else 'goes on'))

# Before the login.
for name, server in servers.items():
    for service, wanted in ((b'ssh-userauth\0x', True),
        (b'\0ssh-userauth', True), (b'ssh-userauth', False)):
        transport = connect(server)
        transport._send_message(message(b'\x05', service))
        check(service, name, transport, wanted)
    user = server[1].encode()
    for what, wanted, secret, who in (
        ('a user', True, b'x', user + b'\0root'),
        ('a user at once', True, b'x', b'\0' + user),
        ('a password', True, (token or 'x').encode() + b'\0x', user),
        ('none', False, b'x', user)):
        transport = connect(server)
        transport._send_message(message(b'\x05', b'ssh-userauth'))
        time.sleep(0.3)
        transport._send_message(message(cMSG_USERAUTH_REQUEST, who,
            b'ssh-connection', b'password', False, secret))
        check(what, name, transport, wanted)

# And after it: requests of a channel, channels, and global requests.
requests = [(b'exec', b'echo a\0b'), (b'exec', b'\0x'),
    (b'subsystem', b'sftp\0x'), (b'env', b'LANG\0X', b'C'),
    (b'env', b'LANG', b'C\0X'), (b'pty-req', b'xterm\0x', 80, 24, 0, 0, b''),
    (b'x11-req', False, b'MIT-MAGIC-COOKIE-1\0x', b'00', 0),
    (b'signal', b'TE\0RM')]
channels = [(b'direct-tcpip', 9, 65536, 32768, b'127.0.0.1\0x', 9, b'::', 9),
    (b'direct-streamlocal@openssh.com', 9, 65536, 32768, b'/tmp/x\0y', b'', 0),
    (b'session\0x', 9, 65536, 32768)]
asked = [(b'tcpip-forward', True, b'localhost\0x', 0),
    (b'streamlocal-forward@openssh.com', True, b'/tmp/x\0y')]

def logged_in(server):
    transport = connect(server)
    transport.auth_publickey(server[1], key)
    return transport

for name, server in servers.items():
    # sshd lets a signal that it cannot read pass without effect.
    for request in requests[:-1] if name == 'sshd' else requests:
        transport = logged_in(server)
        channel = transport.open_session()
        transport._send_message(message(cMSG_CHANNEL_REQUEST,
            channel.remote_chanid, request[0], True, *request[1:]))
        check(request, name, transport)
    for fields in channels:
        transport = logged_in(server)
        transport._send_message(message(cMSG_CHANNEL_OPEN, *fields))
        check(fields, name, transport)
    for fields in asked:
        transport = logged_in(server)
        transport._send_message(message(cMSG_GLOBAL_REQUEST, *fields))
        check(fields, name, transport)
    transport = logged_in(server)
    channel = transport.open_session()
    transport._send_message(message(cMSG_CHANNEL_REQUEST,
        channel.remote_chanid, b'exec', True, b'sleep 3'))
    check('without a NUL', name, transport, False)
END
