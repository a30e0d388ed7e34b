#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: status tells of both daemons, for people and as JSON.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product "the command line"

status=$(sg status --json)
jq -e .gateway.version <<<"$status" >/dev/null || fail 'no gateway version'
jq -e .sandboxd.version <<<"$status" >/dev/null || fail 'no sandboxd version'
[ "$(jq .sandboxd.sandboxes <<<"$status")" -ge 3 ] || fail 'sandboxes'
words=$(sg status)
assert_match 'words' "$words" 'sandbox'
# What the host has one of, each with a sandbox's share (#8).
for name in memory processes terminals 'socket buffers' connections neighbours \
    'open files' 'inotify instances' 'inotify watches' keys \
    'asynchronous requests' 'loop devices'; do
	assert_eq "$name" "$(jq --arg name "$name" '[.sandboxd.resources[] |
	    select(.name == $name) | .bound, .used, .share | numbers] | length' \
	    <<<"$status")" 3
	assert_match "$name" "$words" "$name"
done
assert_match 'version' "$(sg version)" '[0-9]+\.[0-9]+'
assert_match 'help' "$(sg help)" 'create'
for verb in create list get connect exec cp destroy key token status; do
	assert_match "help $verb" "$(sg help $verb 2>&1)" "$verb"
done
# Nobody else may ask: the socket is root's and the group's.
assert_eq 'socket mode' "$(stat -c '%a %U %G' "$SG_RUN/api.sock")" \
    '660 root sandgate'
assert_eq 'calls of root' "$(stat -c '%a %U %G' "$SG_RUN/sandboxd.sock")" \
    '660 root sandgate'
install -m 0755 "$BUILD/bin/sandgate" "$SG_DIR/sandgate"
at_exit 'rm -f "$SG_DIR/sandgate"'
assert_eq 'as nobody' "$(status_of setpriv --reuid nobody --clear-groups \
    --regid nogroup "$SG_DIR/sandgate" --socket "$SG_RUN/api.sock" status \
    2>"$tmp/err")" 1
assert_match 'as nobody' "$(cat "$tmp/err")" \
    "cannot reach .* $SG_RUN/api.sock: Permission denied; .*sudo.*group"
