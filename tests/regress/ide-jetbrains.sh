#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: the way of JetBrains' Gateway: facts by exec, its host by sftp, started by
# exec with a terminal off, links read from its output, reached by -L.
# shellcheck source=tests/regress/lib-ide.sh
. "$(dirname "$0")/lib-ide.sh"

cd "$tmp"
assert_eq 'facts' "$(ssh "$me" 'uname -s; uname -m; echo "$HOME"')" \
    "$(uname -s; uname -m)"$'\n'"$(sg_ssh sandbox pwd)"
assert_match 'disk' "$(ssh "$me" 'df -Pk "$HOME" | tail -n 1')" '[0-9]+%'
archive=$(dirname "$npm")/vscode-server.tar.gz
at_exit 'ssh -o ControlPath=none "$me" "rm -rf ~/$ide_home"'
timeout 300 sftp -q -b - "$me" >/dev/null <<-END
	mkdir $ide_home
	put $archive $ide_home/dist.part
	rename $ide_home/dist.part $ide_home/server.tar.gz
	ls -l $ide_home
END
assert_eq 'archive' "$(ssh "$me" "sha256sum <$ide_home/server.tar.gz")" \
    "$(sha256sum <"$archive")"
# The host stays in the foreground of a channel; its first lines say where.
ssh "$me" "cd $ide_home && tar -xzf server.tar.gz && echo token-$marker >token"
timeout 300 ssh -T -o ControlPath=none "$me" "cd $ide_home &&
    echo \$\$ >pid && exec ./node out/server-main.js --host 127.0.0.1 --port 0 \
    --connection-token-file token --accept-server-license-terms \
    --user-data-dir data" >said 2>&1 </dev/null &
server=$!
at_exit "kill $server"
sg_wait_for grep -q 'agent listening on' said || fail "no host: $(cat said)"
inside=$(sed -n 's/.*agent listening on \([0-9]*\).*/\1/p' said)
# The client adds forwards to a connection that is there, and takes them back.
port=$(free_port)
ssh "$me" true
ssh -O forward -L "$port:127.0.0.1:$inside" "$me"
assert_eq 'handshake' "$(timeout 300 /usr/bin/python3 "$here/ide_socket.py" \
    "$port" "token-$marker")" $'101\nsign'
for n in {1..12}; do
	ide_get -o "page$n" -w '%{http_code}\n' -L -b "jar$n" -c "jar$n" \
	    "/?tkn=token-$marker" >"status$n" &
	pids[n]=$!
done
for n in {1..12}; do
	wait "${pids[n]}" || fail "page $n: status $?"
	assert_eq "page $n" "$(cat "status$n")" 200
done
ssh -O cancel -L "$port:127.0.0.1:$inside" "$me"
assert_eq 'taken back' "$(status_of ide_get /version 2>/dev/null)" 7
ssh "$me" "kill \$(cat $ide_home/pid)" || fail 'the host had ended already'
status=0
wait "$server" || status=$?
assert_match 'its status' "$status" '^(0|143|255)$'
