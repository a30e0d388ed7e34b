#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: a destroy ends every stream of its sandbox, each with its reason where its
# protocol has words for one, and nobody else's. How soon is told, and judged
# where SG_JUDGE says that nothing else runs here.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product destroy

JUDGED_MS=1000 # from when it was asked for
id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'
at=http://x/v1/sandboxes/$id

api()
{
	curl -sS -N -m 200 --unix-socket "$SG_RUN/api.sock" \
	    -H 'Content-Type: application/json' "$@"
}

# Who is connected, and goes on until it is ended.
sg exec -d "$id" -- /usr/bin/python3 -c '
import socket, threading
def serve(port, first):
    server = socket.create_server(("127.0.0.1", port))
    while True:
        held.append(server.accept()[0])
        held[-1].sendall(first)
held = []
threading.Thread(target=serve, args=(7000, b"in\n")).start()
serve(8000, b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nin\n")' >/dev/null
sg exec "$id" -- sh -c 'truncate -s 1G large
    until grep -q :1F40 /proc/net/tcp; do sleep 0.05; done'
process=$(sg exec -d "$id" -- sh -c 'while echo in; do sleep 0.1; done')
url=$(sg expose "$id" 8000 --public 2>/dev/null)

declare -A job
# hold NAME COMMAND...: what it is told goes to files, and when it ended.
hold()
{
	{
		"${@:2}" >"$tmp/$1.out" 2>"$tmp/$1.err" </dev/null || true
		now_ms >"$tmp/$1.ended"
	} &
	job[$1]=$!
	at_exit "end_job $!"
}
# A file that comes at once would have ended: so it is read slowly until then.
slow_file()
{
	/usr/bin/python3 -c 'import os, socket, sys, time
with socket.socket(socket.AF_UNIX) as s:
    s.connect(sys.argv[1])
    s.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % sys.argv[2].encode())
    while s.recv(4096):
        print("in", flush=True)
        if not os.path.exists(sys.argv[3]):
            time.sleep(0.05)' "$SG_RUN/api.sock" \
	    "/v1/sandboxes/$id/files?path=/home/sandbox/large" "$tmp/gone"
}
# It is asked nothing, and waits.
sftp_idle()
{
	mkfifo "$tmp/never"
	sg_ssh -l "$id" -s sandbox sftp <>"$tmp/never"
}
hold session sg_ssh -l "$id" sandbox 'echo in; sleep 1000'
hold terminal sg_ssh -tt -l "$id" sandbox 'echo in; sleep 1000'
hold forward sg_ssh -l "$id" -W 127.0.0.1:7000 sandbox
hold sftp sftp_idle
hold lobby sg_ssh -l ctl sandbox logs -f "$id"
hold exec sg exec "$id" -- sh -c 'echo in; sleep 1000'
hold stream api -d '{"command":"echo in; sleep 1000","stream":true}' "$at/exec"
hold whole api -d '{"command":"touch whole; sleep 1000"}' "$at/exec"
hold attach sg attach "$id" "$process"
hold wait sg wait "$id" "$process"
hold logs sg logs -f "$id"
hold events sg events -f "$id"
hold file slow_file
hold service curl -sS -N -m 200 --connect-to "::127.0.0.1:$SG_PROXY_PORT" "$url"
hold beside sg_ssh other 'echo in; sleep 1000'

is_in()
{
	local name

	for name in "${!job[@]}"; do
		case $name in
		sftp | wait | whole) ;;
		*) [ -s "$tmp/$name.out" ] || { missing=$name; return 1; } ;;
		esac
	done
	sg exec "$id" -- test -e whole
}
sg_wait_for is_in || fail "$missing is not in: $(cat "$tmp/$missing.err")"

for name in "${!job[@]}"; do
	[ ! -e "$tmp/$name.ended" ] || fail "$name has ended: $(cat \
	    "$tmp/$name.err")"
done
start=$(now_ms)
touch "$tmp/gone"
sg destroy "$id"
echo "answered after $(($(now_ms) - start)) ms"
for name in "${!job[@]}"; do
	[ "$name" != beside ] || continue
	sg_wait_for test -s "$tmp/$name.ended" || fail "$name goes on"
	ms=$(($(<"$tmp/$name.ended") - start))
	echo "$name ended after $ms ms"
	[ -z "${SG_JUDGE-}" ] || [ "$ms" -le "$JUDGED_MS" ] || late+=" $name"
done
[ -z "${late-}" ] || fail "later than $JUDGED_MS ms:$late"
[ ! -e "$tmp/beside.ended" ] || fail 'another sandbox was ended too'

# told NAME: what it read of why.
for name in session terminal exec stream whole attach wait; do
	assert_match "$name" "$(cat "$tmp/$name.out" "$tmp/$name.err")" \
	    'destroyed by '
done
