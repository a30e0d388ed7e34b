#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: an open SFTP session and a terminal at which somebody types are use, and
# keep a sandbox from its idle_timeout; a client whose network is gone is none,
# though its connection is not ended yet.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-settings.sh
. "$here/lib-settings.sh"
# shellcheck source=tests/regress/lib-cut.sh
. "$here/lib-cut.sh"
needs_product lifetimes

# Asked every second, and not given up within this test.
cut_begin
settings "client_alive_interval = 1
client_alive_count_max = 1000
[gateway]
ssh_listen = 127.0.0.1:$SG_PORT,$cut_address:$SG_PORT"

id=$(sg create --idle-timeout 4 2>/dev/null)
at_exit "sg destroy $id"
status() { sg get "$id" --json | jq -r .state; }
kind() { sg get "$id" --json | jq -r .last_activity.kind; }
is_suspended() { [ "$(status)" = suspended ]; }
# stays WHAT KIND: for twice its idle_timeout, by use of that kind.
stays()
{
	sleep 8
	assert_eq "with $1" "$(status)" running
	assert_eq "$1: kind" "$(kind)" "$2"
}

# Not a byte goes by.
mkfifo "$tmp/batch"
SG_TIMEOUT=120 sg_sftp -o User="$id" sandbox <"$tmp/batch" >"$tmp/sftp" 2>&1 &
sftp=$!
exec 7>"$tmp/batch"
echo pwd >&7
sg_wait_for grep -q 'Remote working' "$tmp/sftp" || fail 'no sftp'
stays 'an open SFTP session' files
exec 7>&-
wait "$sftp" || fail "sftp: $(cat "$tmp/sftp")"
sg_wait_for is_suspended || fail 'nobody is there, and it runs'

# Bytes of a terminal that stays; who is attached and types nothing is none.
mkfifo "$tmp/keys"
SG_TIMEOUT=120 sg_ssh -tt -l "$id+main" sandbox <"$tmp/keys" >"$tmp/screen" 2>&1 &
main=$!
exec 8>"$tmp/keys"
echo "echo ready-\$((40 + 2))" >&8
sg_wait_for grep -q ready-42 "$tmp/screen" ||
    fail "no terminal: $(cat "$tmp/screen")"
for n in {1..16}; do
	echo "echo typed-\$((100 + $n))" >&8
	sleep 0.5
done
sg_wait_for grep -q typed-110 "$tmp/screen" ||
    fail "not typed: $(cat "$tmp/screen")"
assert_eq 'with who types' "$(status)" running
assert_eq 'kind' "$(kind)" ssh
sg_wait_for is_suspended || fail 'a terminal nobody types at keeps it'
exec 8>&-
wait "$main" || true

# A command is use, for as long as its client answers.
cut_ssh -l "$id" sandbox 'echo ready; sleep 1000' >"$tmp/distant" 2>&1
sg_wait_for grep -q ready "$tmp/distant" || fail "no client: $(cat "$tmp/distant")"
stays 'a command' exec
cut_now
sg_within 200 is_suspended || fail "$(kind): a client that is gone keeps it"
assert_eq 'reason' "$(sg get "$id" --json | jq -r .status_reason)" \
    'it was not used for its idle_timeout'
