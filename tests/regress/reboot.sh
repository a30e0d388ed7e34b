#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: a reboot, rehearsed: daemons and sandboxes are killed at once, what is in
# memory is gone and the kernel is another. Persistent ones come back with their
# files, paused ones as suspended, ephemeral ones have a tombstone that says why.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product daemons

# Those of other tests run again in the end.
sg list --json | jq -r '.sandboxes[] | select(.state == "running").id' \
    >"$tmp/others"
at_exit 'while read -r one; do sg wake "$one"; done <"$tmp/others"'
made()
{
	id=$(sg create "$@" 2>/dev/null)
	at_exit "sg destroy $id 2>/dev/null"
	sg exec "$id" -- sh -c "head -c 3000000 /dev/urandom >/workspace/file
	    sha256sum /workspace/file >/workspace/sum; sync"
}
field() { sg get "$1" --json | jq -r ".$2"; }
made --env KEPT=yes --memory 300M --hard-ttl 1h
runs=$id
hard=$(date -d "$(field "$runs" hard_expires_at)" +%s)
made
pauses=$id
sg pause "$id"
made
stopped=$id
sg stop "$id"
made --ephemeral
ephemeral=$id

# The inits end with all that is in them; what only memory had goes.
registry()
{
	python3 - "$SG_STATE/registry.db" "$1" <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=60)
for row in db.execute(sys.argv[2]):
    print(*row)
db.commit()
END
}
mapfile -t daemons < <(sg_pid sandboxd; sg_pid gateway
    for name in gateway-broker gateway-http gateway-session gateway-lobby \
	gateway-proxy gateway-resolve gateway-webhook; do gateway_child $name; done)
kill_hard "${daemons[@]}"
mapfile -t inits < <(registry 'SELECT pid FROM sandboxes WHERE pid > 0')
[ "${#inits[@]}" -ge 3 ] || fail "inits: ${inits[*]}"
kill_hard "${inits[@]}"
registry "UPDATE sandboxes SET boot_id = 'another'"
umount -l "$SG_RUN/views"
find "$SG_RUN" -mindepth 1 -delete
sg_start sandboxd
sg_start gateway
sg_wait_api || fail 'the API does not answer'

for id in "$runs" "$pauses" "$stopped"; do
	assert_eq "$id" "$(field "$id" state)" suspended
done
assert_eq 'why' "$(field "$runs" status_reason)" 'the host was started anew'
late=$(($(date -d "$(field "$runs" hard_expires_at)" +%s) - hard))
[ "${late#-}" -le 2 ] || fail "its hard_ttl is $late s later"
is_gone() { [ "$(field "$ephemeral" state)" = destroyed ]; }
sg_wait_for is_gone || fail "the ephemeral one is $(field "$ephemeral" state)"
assert_eq 'its tombstone' "$(field "$ephemeral" cause)" 'lost with the host'
# Whoever connects has it back: at once, and by every way in.
assert_eq 'by ssh' "$(sg_ssh -l "$runs" sandbox 'sha256sum --quiet -c \
    /workspace/sum && echo $KEPT')" yes
assert_eq 'by the API' "$(sg exec "$pauses" -- sh -c 'sha256sum --quiet -c \
    /workspace/sum && echo whole')" whole
assert_eq 'by sftp' "$(echo "get /workspace/sum $tmp/sum" |
    sg_sftp -o User="$stopped" sandbox >/dev/null; cut -c 1-64 "$tmp/sum")" \
    "$(sg exec "$stopped" -- sha256sum /workspace/file | cut -c 1-64)"
assert_eq 'its limits' "$(field "$runs" limits.memory_bytes)" $((300 << 20))
for id in "$runs" "$pauses" "$stopped"; do
	assert_eq "$id woken" "$(field "$id" state)" running
done
