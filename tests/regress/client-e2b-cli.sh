#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #12: npm @e2b/cli, unmodified, command by command; and the same sandbox by its
# other names.
# shellcheck source=tests/regress/lib-sdk.sh
. "$(dirname "$0")/lib-sdk.sh"

export E2B_API_URL=$api_url E2B_SANDBOX_URL=$api_url E2B_API_KEY=$token
export HOME=$tmp
e2b() { timeout 250 "$sdk/.bin/e2b" sandbox "$@"; }

# works WHAT, refused WHAT WHY: a line of docs/COMPATIBILITY.md.
works() { echo "ok $1" | tee -a "$tmp/steps"; }
refused() { echo "refused $1 | $2" | tee -a "$tmp/steps"; }
field() { sg get "$1" --json | jq -r ".$2"; }

sandbox=$(sg create --name "cli-$$" --metadata "cli=$$" 2>/dev/null)
at_exit 'sg destroy "$sandbox"'
id=sb-${sandbox#sb_}
e2b list --format json >"$tmp/list"
assert_eq 'list' "$(jq -r --arg id "$id" \
    '.[] | select(.sandboxId == $id) | .name, .state' "$tmp/list")" \
    "cli-$$"$'\nrunning'
# ids OPTION...: of those that have the metadata.
ids() { e2b list --format json --metadata "cli=$$" "$@" |
    jq -r '.[].sandboxId' | xargs; }
assert_eq 'list: by metadata, state and template' \
    "$(ids), $(ids -s running -t base), $(ids -s paused), $(ids -t nosuch)" \
    "$id, $id, , "
works 'sandbox list'
e2b info "$id" --format json >"$tmp/info"
assert_eq 'info' "$(jq -r --arg n "$$" '.sandboxId, .templateId, .state,
    (.metadata == {cli: $n}), (.startedAt | length)' "$tmp/info" | xargs)" \
    "$id base running true 24"
works 'sandbox info'
e2b metrics "$id" --format json >"$tmp/metrics"
assert_eq 'metrics' "$(tail -1 "$tmp/metrics" | jq -r '.cpuCount >= 1 and
    .memUsed > 0 and .memUsed <= .memTotal and (.timestamp | length) == 24')" \
    true
assert_match 'metrics, as people read them' "$(e2b metrics "$id" | tail -1)" \
    'CPU.*Memory.*MiB.*Disk.*MiB'
works 'sandbox metrics'
status=0
e2b exec "$id" -- sh -c 'echo out; echo err >&2; exit 3' \
    >"$tmp/out" 2>"$tmp/err" || status=$?
assert_eq 'exec: status' "$status" 3
assert_eq 'exec: output' "$(cat "$tmp/out")" out
assert_match 'exec: error' "$(cat "$tmp/err")" '^err'
assert_eq 'exec: input' "$(echo piped | e2b exec "$id" cat)" piped
assert_eq 'exec: where, as whom, with what' "$(e2b exec --cwd /tmp --user root \
    --env 'A=b c' "$id" -- sh -c 'pwd; id -u; echo "$A"' | xargs)" '/tmp 0 b c'
e2b exec --background "$id" -- sh -c 'echo later >/tmp/background' >/dev/null
sg_wait_for eval '[ "$(e2b exec "$id" cat /tmp/background)" = later ]'
works 'sandbox exec: output, status, input'
# A terminal, as script(1) makes one.
printf '%s\n' 'echo $((40 + 2))-$USER >typed' exit >"$tmp/typed"
(cat "$tmp/typed"; sleep 30) | timeout 250 script -qec \
    "'$sdk/.bin/e2b' sandbox connect $id" "$tmp/terminal" >/dev/null &
terminal=$!
for _ in $(seq 300); do
	[ -n "$(e2b exec "$id" -- sh -c 'cat typed 2>/dev/null')" ] && break
done
end_job "$terminal"
assert_match 'connect' "$(e2b exec "$id" cat typed)" '^42-'
works 'sandbox connect: a terminal'

# The same one by ssh, under either spelling.
for name in "$id" "$sandbox"; do
	assert_match "ssh $name" "$(timeout 250 ssh -F "$SG_SSH_CONFIG" \
	    -i "$SG_KEY" -l "$name" bare cat typed </dev/null)" '^42-'
done
e2b pause "$id" >/dev/null
assert_eq 'pause' "$(field "$sandbox" state)" paused
e2b resume "$id" >/dev/null
assert_eq 'resume' "$(field "$sandbox" state)" running
works 'sandbox pause, resume'

e2b snapshot create "$id" >"$tmp/made"
snapshot=$(sg snapshot list --json | jq -r --arg id "$sandbox" \
    '.snapshots[] | select(.sandbox_id == $id) | .id')
assert_match 'snapshot create' "$(cat "$tmp/made")" "${snapshot#sn_}"
assert_match 'snapshot list' "$(e2b snapshot list "$id")" "${snapshot#sn_}"
e2b snapshot delete "$(grep -oE 'sn[-_][0-9a-z]{12}' "$tmp/made" | head -1)" \
    >/dev/null || e2b snapshot delete "$snapshot" >/dev/null
assert_eq 'snapshot delete' "$(sg snapshot list --json |
    jq --arg id "$snapshot" '[.snapshots[] | select(.id == $id)] | length')" 0
works 'sandbox snapshot create, list, delete'

made=$(e2b create base --detach --timeout 120 2>&1 |
    grep -oE 'sb-[0-9a-z]{12}' | head -1)
at_exit 'sg destroy "sb_${made#sb-}"'
assert_eq 'create' "$(field "sb_${made#sb-}" 'template + " " + .mode')" \
    'base ephemeral'
works 'sandbox create --detach'
e2b kill "$id" "$made" >/dev/null
for one in "$id" "$made"; do
	assert_match 'kill' "$(e2b info "$one" 2>&1)" "wasn't found"
done
assert_match 'kill again' "$(e2b kill "$id" 2>&1)" "wasn't found"
works 'sandbox kill'
e2b logs "$made" >"$tmp/logs" 2>&1 && fail 'logs: are there'
assert_match 'logs' "$(cat "$tmp/logs")" 'E2B.*2[.]51[.]0'
refused 'sandbox logs' 'sandgate logs has them'
is_documented client-e2b-cli.sh
