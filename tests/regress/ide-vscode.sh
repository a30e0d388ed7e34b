#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: the way of VS Code's remotes: script on stdin under ssh -T -D, a server on
# a port of the sandbox, page, script and WebSocket through the connection.
# shellcheck source=tests/regress/lib-ide.sh
. "$(dirname "$0")/lib-ide.sh"

ide_upload
socks=$(free_port)
ide_connect -D "$socks" -- --host 127.0.0.1 --port 0
assert_eq 'first words' "$(head -n 2 "$tmp/out")" \
    "$marker: running"$'\n'"$marker: start"
assert_match 'platform' "$(cat "$tmp/out")" "==$(uname -m)=="$'\n'.*==Linux==
assert_match 'a port' "$listening" '^[0-9]+$'
first=$listening port=$listening
by_socks=(--socks5-hostname "127.0.0.1:$socks")
commit=$(jq -r .commit "$npm/code-server/lib/vscode/product.json")
assert_eq 'version' "$(ide_get "${by_socks[@]}" /version)" "$commit"
assert_eq 'without the token' "$(ide_get "${by_socks[@]}" -o /dev/null \
    -w '%{http_code}' /)" 403
assert_eq 'page' "$(ide_get "${by_socks[@]}" -L -c "$tmp/jar" -b "$tmp/jar" \
    -o "$tmp/page" -w '%{http_code}' "/?tkn=token-$marker")" 200
grep -q 'content="Code"' "$tmp/page" || fail "page: $(head -c 300 "$tmp/page")"
# Its program, 11 MB, six times at once, while other channels run commands.
file=out/vs/workbench/workbench.web.main.js
want=$(sha <"$npm/code-server/lib/vscode/$file")
for n in 1 2 3 4 5 6; do
	ide_get "${by_socks[@]}" -b "$tmp/jar" -o "$tmp/got$n" \
	    "/stable-$commit/static/$file" &
	pids[n]=$!
	assert_eq 'meanwhile' "$(ssh "$me" "echo $n")" "$n"
done
for n in 1 2 3 4 5 6; do
		wait "${pids[n]}" || fail "fetch $n: status $?"
	assert_eq "fetch $n" "$(sha <"$tmp/got$n")" "$want"
done
rm "$tmp"/got*
# The window goes away and comes back: the server is still the same one.
kill "$connection"
wait "$connection" || :
port=$(free_port)
ide_connect -L "$port:127.0.0.1:$first" -- --host 127.0.0.1 --port 0
assert_eq 'still there' "$listening" "$first"
assert_eq 'WebSocket and handshake' "$(timeout 300 /usr/bin/python3 \
    "$here/ide_socket.py" "$port" "token-$marker")" $'101\nsign'
