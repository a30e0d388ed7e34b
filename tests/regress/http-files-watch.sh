#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: what changes in a folder, and in those below it, comes as lines; who does
# not read is told that some are lost, and no more; the end of the folder is
# theirs.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'files by the API'

id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'
inside() { sg exec "$id" -- sh -c "$1"; }
inside 'mkdir -p /workspace/w/below'
sg file watch -R "$id" /workspace/w >"$tmp/lines" &
watch=$!
at_exit 'kill $watch 2>/dev/null'
sg_wait_for grep -q '^watching ' "$tmp/lines"
inside 'cd /workspace/w; echo a >below/a; chmod 600 below/a; mv below/a b; rm b
    mkdir new; until echo c >new/c; do :; done'
for line in 'created /workspace/w/below/a' 'written /workspace/w/below/a' \
    'mode /workspace/w/below/a' 'renamed /workspace/w/below/a' \
    'created /workspace/w/b' 'removed /workspace/w/b' \
    'created /workspace/w/new' 'created /workspace/w/new/c'; do
	sg_wait_for grep -qxF "$line" "$tmp/lines" || fail "not told: $line"
done
# What is made in it is watched, too.
inside 'echo d >/workspace/w/new/d'
sg_wait_for grep -qx 'written /workspace/w/new/d' "$tmp/lines" ||
    fail "not told of the new one: $(cat "$tmp/lines")"
inside 'rm -r /workspace/w'
wait $watch || fail "the end of the folder is an error: $?"
assert_eq 'the last line' "$(tail -n 1 "$tmp/lines")" 'end '
assert_eq 'none there' "$(status_of sg file watch "$id" /workspace/w \
    2>/dev/null)" 1

# One that reads nothing.
inside 'mkdir /workspace/many'
curl -sSN --unix-socket "$SG_RUN/api.sock" \
    "http://localhost/v1/sandboxes/$id/files/watch?path=/workspace/many" \
    >"$tmp/slow" &
slow=$!
at_exit 'kill -9 $slow 2>/dev/null'
sg_wait_for grep -q watching "$tmp/slow"
kill -STOP $slow
# More than the kernel keeps, and all sockets between: until some are lost.
inside 'cd /workspace/many; name=$(printf %0200d 7)
    for i in $(seq 60000); do : >"$name$i"; done'
kill -CONT $slow
wait $slow
assert_eq 'it is told at last' "$(tail -n 1 "$tmp/slow" | jq -r .event)" \
    overflow
[ "$(head -n 2 "$tmp/slow" | tail -n 1 | jq -r .event)" = created ] ||
    fail 'what came before is told'
