#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: what counts as use of a sandbox, and what does not.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-forward.sh
. "$here/lib-forward.sh"
needs_product lifetimes

id=$(sg create --idle-timeout 10 2>/dev/null)
at_exit "sg destroy $id"
inside() { SG_TIMEOUT=300 sg_ssh -l "$id" "$@"; }
status() { sg get "$id" --json | jq -r .state; }
kind() { sg get "$id" --json | jq -r .last_activity.kind; }
is_suspended() { [ "$(status)" = suspended ]; }

# A command that runs, and says nothing.
inside sandbox 'sleep 15; echo kept >kept'
assert_eq 'after a long command' "$(status)" running
# A forward that is open.
inside sandbox 'setsid python3 -m http.server 8098 --bind 127.0.0.1 \
    </dev/null >/dev/null 2>&1 &'
port=$(free_port)
forward_begin l -L "$port:127.0.0.1:8098" -l "$id" sandbox
sg_wait_for curl -sS -m 60 -o "$tmp/page" "http://127.0.0.1:$port/" ||
    fail 'no forward'
exec 6<>"/dev/tcp/127.0.0.1/$port"
sleep 15
assert_eq 'with an open forward' "$(status)" running
assert_eq 'by' "$(kind)" forward
exec 6>&-

# Bytes of a shell; and a shell without any is none.
mkfifo "$tmp/keys"
inside -tt sandbox <"$tmp/keys" >"$tmp/screen" 2>&1 &
shell=$!
exec 7>"$tmp/keys"
echo "echo ready-\$((40 + 2))" >&7
sg_wait_for grep -q ready-42 "$tmp/screen" || fail 'no shell'
for n in {1..30}; do
	echo "echo $n" >&7
	sleep 0.5
done
assert_eq 'with a busy shell' "$(status)" running
assert_eq 'by' "$(kind)" ssh
# Gets are no use.
sg_wait_for is_suspended || fail 'an idle shell keeps it'
assert_eq 'reason' "$(sg get "$id" --json | jq -r .status_reason)" \
    'it was not used for its idle_timeout'
sg_wait_for sg_is_dead "$shell" || fail 'the shell is there'
grep -q 'sandgate: it was not used for its idle_timeout' "$tmp/screen" ||
    fail "not told: $(cat "$tmp/screen")"
assert_eq 'its disk' "$(inside sandbox cat kept)" kept

# The times, as people say them.
sg set "$id" --idle-timeout never --ttl 5m --hard-ttl 1h --on-expiry suspend
assert_eq 'set' "$(sg get "$id" --json |
    jq -c '[.idle_timeout, .ttl, .hard_ttl, .on_expiry]')" \
    '[null,300,3600,"suspend"]'
before=$(sg get "$id" --json | jq -r .expires_at)
sg refresh "$id" 10m
[[ $(sg get "$id" --json | jq -r .expires_at) > $before ]] || fail 'no later'
assert_eq 'too long' "$(sg refresh "$id" 2h 2>&1)" \
    "sandgate: $id: duration: 7200 s is more than its hard_ttl, 3600 s"
assert_eq 'timeout' "$(sg set "$id" --timeout 1m >/dev/null
    sg get "$id" --json | jq -r .on_expiry)" destroy

# And as programs do: what is null is never, what is not said stays.
api() { curl -sS --unix-socket "$SG_RUN/api.sock" -X "$1" "http://host$2" --json "$3"; }
times() { jq -c '[.ttl, .hard_ttl, .idle_timeout, .on_expiry]'; }
sg set "$id" --ttl 5m --hard-ttl 1h --idle-timeout 1h --on-expiry pause >/dev/null
assert_eq 'one null' "$(api PATCH "/v1/sandboxes/$id" '{"ttl": null}' | times)" \
    '[null,3600,3600,"pause"]'
assert_eq 'more' "$(api PATCH "/v1/sandboxes/$id" \
    '{"hard_ttl": null, "idle_timeout": null}' | times)" '[null,null,null,"pause"]'
assert_eq 'a timeout' "$(api PATCH "/v1/sandboxes/$id" '{"timeout": "5m"}' | times
    api PATCH "/v1/sandboxes/$id" '{"timeout": null}' | times)" \
    $'[300,null,null,"destroy"]\n[null,null,null,"destroy"]'
for body in '{"mode": "persistent", "idle_timeout": null}' \
    '{"ttl": null, "hard_ttl": null, "idle_timeout": null}'; do
	made=$(api POST /v1/sandboxes "$body")
	at_exit "sg destroy $(jq -r .id <<<"$made")"
	assert_eq "$body" "$(times <<<"$made")" '[null,null,null,"pause"]'
done
