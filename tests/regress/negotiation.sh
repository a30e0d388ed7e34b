#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: who cannot talk to the server is told why: a client that has none of its
# algorithms, however quickly it names its own, and what is no client of SSH.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

# Says something to a port; what comes back, up to the end, but for the
# server's own greeting.
cat >"$tmp/talk.py" <<'END'
import socket
def talk(port, words):
    s = socket.create_connection(("127.0.0.1", int(port)), 60)
    s.sendall(words)
    answer = b""
    try:
        while part := s.recv(65536):
            answer += part
    except ConnectionResetError:
        pass
    return answer.partition(b"\n")[2]
END

# Greets and offers one key exchange in a single segment; prints the types of
# the packets that come back.
cat >"$tmp/hasty.py" <<'END'
import struct, sys
from talk import talk
def names(*values):
    text = ",".join(values).encode()
    return struct.pack(">I", len(text)) + text
offer = bytes([20]) + bytes(16) + names(sys.argv[2]) + b"".join(names(value)
    for value in ["ssh-ed25519"] + ["aes128-ctr"] * 2 + ["hmac-sha2-256"] * 2 +
    ["none"] * 2) + names() * 2 + bytes(5)
padding = 8 - (5 + len(offer)) % 8 + 8
packet = struct.pack(">IB", 1 + len(offer) + padding, padding) + offer
answer = talk(sys.argv[1], b"SSH-2.0-hasty\r\n" + packet + bytes(padding))
while len(answer) > 5:
    print(answer[5])
    answer = answer[4 + struct.unpack(">I", answer[:4])[0]:]
END
for method in no-such-exchange diffie-hellman-group14-sha1; do
	assert_eq "sshd's answer" "$(timeout 300 /usr/bin/python3 \
	    "$tmp/hasty.py" "$REF_PORT" $method | head -n 1)" 20
	assert_eq "$method" "$(timeout 300 /usr/bin/python3 "$tmp/hasty.py" \
	    "$SG_PORT" $method | head -n 1)" 20
done
# And in a real client's words.
for option in KexAlgorithms=diffie-hellman-group14-sha1 Ciphers=aes128-cbc \
    HostKeyAlgorithms=ssh-dss; do
	same_as_sshd "$option" bash -c "ssh -F '$SG_SSH_CONFIG' -o $option \
	    -o LogLevel=INFO @ true 2>&1 | sed 's/port [0-9]*//; s/:.*//'"
done
# Strangers.
cat >"$tmp/stranger.py" <<'END'
import sys
from talk import talk
print(talk(sys.argv[1],
    sys.argv[2].encode().decode("unicode_escape").encode("latin1")))
END
for words in 'GET / HTTP/1.0\r\n\r\n' 'SSH-1.5-old\r\n' 'SSH-3.0-new\n' \
    'SSH-2.0\n' '\x16\x03\x01\x00\xf1'; do
	assert_eq "$words" "$(timeout 300 /usr/bin/python3 "$tmp/stranger.py" \
	    "$SG_PORT" "$words")" "$(timeout 300 /usr/bin/python3 \
	    "$tmp/stranger.py" "$REF_PORT" "$words")"
done
