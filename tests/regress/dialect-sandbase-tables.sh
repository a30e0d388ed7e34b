#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: the rest of Sandbase's tables: files as base64, variables, events and
# webhooks, and each of its limits with the words that refuse; a line for each.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product sandbase
# shellcheck source=tests/regress/lib-dialect.sh
. "$here/lib-dialect.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
orgs_start
key=${token_of[ana]}

row 'POST /sandboxes' 201 POST /sandboxes '{"templateID": "base",
    "envVars": {"COLOUR": "red=blue", "EMPTY": ""}, "metadata": {"a": "b"}}'
id=$(answer .sandboxID)
at_exit 'sg destroy "$id"'
assert_eq 'its time' "$(answer '(.endAt | fromdateiso8601? // 0) | type')" number
row 'POST /sandboxes: unknown template' 400 POST /sandboxes \
    '{"templateID": "foo"}'
assert_match 'which' "$(answer .message)" foo
row 'POST /sandboxes without templateID' 400 POST /sandboxes '{}'
at=/sandboxes/$id

# Which there are.
row 'GET /sandboxes?status=running' 200 GET '/sandboxes?status=running'
assert_eq 'it' "$(answer 'map(.sandboxID) | join(" ")')" "$id"
row 'GET /sandboxes?status=paused' 200 GET '/sandboxes?status=paused'
assert_eq 'none' "$(answer length)" 0
row '400: GET /sandboxes?status=x' 400 GET '/sandboxes?status=x'
assert_match 'words' "$(answer .message)" 'invalid status filter: x'
row 'POST .../refreshes' 204 POST "$at/refreshes" '{"duration": 900}'
row 'GET /sandboxes/ID' 200 GET "$at"
assert_eq 'its end' "$(answer '((.endAt | sub("[.][0-9]+"; "") |
    fromdateiso8601) - now) as $left | $left > 800 and $left < 910')" true
assert_eq 'GET /templates: their times' "$(ask GET /templates >/dev/null
    answer '.[] | select(.name == "base") | .defaultTimeout')" 300

# Files as base64.
row 'POST .../filesystem' 200 POST "$at/filesystem" \
    '{"path": "/workspace/b", "content": "AP8BYQo="}'
row 'GET .../filesystem?path=' 200 GET "$at/filesystem?path=/workspace/b"
assert_eq 'it' "$(answer '"\(.path) \(.content)"')" '/workspace/b AP8BYQo='
assert_eq 'its bytes' "$(sg_as ana exec "$id" -- od -An -tx1 /workspace/b | xargs)" \
    '00 ff 01 61 0a'
row 'an empty one' 200 POST "$at/filesystem" \
    '{"path": "/workspace/e", "content": ""}'
row 'an empty one' 200 GET "$at/filesystem?path=/workspace/e"
assert_eq 'nothing' "$(answer .content)" ''
row '400: no base64' 400 POST "$at/filesystem" \
    '{"path": "/workspace/x", "content": "*"}'
row '404: none' 404 GET "$at/filesystem?path=/workspace/none"
sg_as ana exec "$id" -- 'cd /workspace; head -c 1048576 /dev/urandom >m; head -c 1048577 /dev/zero >n
    base64 -w0 m | sha256sum >s'
row 'GET .../filesystem of 1 MiB' 200 GET "$at/filesystem?path=/workspace/m"
assert_eq 'all of it' "$(answer .content | tr -d '\n' | sha | cut -d' ' -f1)" \
    "$(sg_as ana exec "$id" -- cut -c1-64 /workspace/s)"
row '400: GET .../filesystem of more than 1 MB' 400 GET \
    "$at/filesystem?path=/workspace/n"
assert_match 'the limit' "$(answer .message)" '1048576'

# What its processes begin with.
row 'GET .../envs' 200 GET "$at/envs"
assert_eq 'them' "$(answer '"\(.COLOUR) \(.EMPTY | length)"')" 'red=blue 0'

# Events, and who is told of them.
"$here/webhook-receiver.py" "$tmp" 2>"$tmp/receiver.err" &
receiver=$!
at_exit "kill $receiver"
sg_wait_for test -s "$tmp/port" || fail "no receiver: $(cat "$tmp/receiver.err")"
touch "$tmp/log"
row 'POST /events/webhooks' 201 POST /events/webhooks "{\"name\": \"ours\",
    \"url\": \"http://127.0.0.1:$(cat "$tmp/port")/ok\", \"resourceType\":
    \"sandbox\", \"events\": [\"sandbox.lifecycle.paused\",
    \"sandbox.lifecycle.resumed\"], \"signatureSecret\": \"s3cret\"}"
hook=$(answer .id)
row 'GET /events/webhooks' 200 GET /events/webhooks
assert_eq 'it' "$(answer '.[] | "\(.name) \(.events | join(" ")) \(.secret)"')" \
    'ours sandbox.lifecycle.paused sandbox.lifecycle.resumed null'
row 'GET /events/webhooks/ID' 200 GET "/events/webhooks/$hook"
row '400: an event there is not' 400 POST /events/webhooks \
    '{"name": "a", "url": "http://a/", "events": ["sandbox.lifecycle.eaten"]}'
row 'POST .../pause' 204 POST "$at/pause"
row 'POST .../connect' 200 POST "$at/connect" '{"timeout": 600}'
told() { jq -r '.body | fromjson | .type' "$tmp/log" | xargs; }
is_told() { [ "$(told)" = "$1" ]; }
sg_wait_for is_told 'sandbox.lifecycle.paused sandbox.lifecycle.resumed' ||
    fail "told: $(told)"
posted=$(jq -r .body "$tmp/log" | head -1)
assert_eq 'the event' "$(jq -r '"\(.resourceType) \(.sandboxID) \(.id)"' \
    <<<"$posted")" \
    "sandbox $id $(jq -r '.headers["x-event-id"]' "$tmp/log" | head -1)"
mac=$(printf %s "$posted" | openssl dgst -sha256 -hmac s3cret | sed 's/.*= //')
assert_eq 'X-Signature' \
    "$(jq -r '.headers["x-signature"]' "$tmp/log" | head -1)" "$mac"
echo 'a delivery: X-Event-ID, X-Signature'
row 'GET /events/sandboxes/ID' 200 GET "/events/sandboxes/$id?limit=2"
assert_eq 'the newest first' "$(answer 'map(.type) | join(" ")')" \
    'sandbox.lifecycle.resumed sandbox.lifecycle.paused'
assert_eq 'one' "$(answer '.[0] | "\(.sandboxID) \(.id | type)"')" "$id string"
row 'GET /events/sandboxes' 200 GET '/events/sandboxes?limit=100'
assert_eq 'from its beginning' "$(answer '.[-1].type')" sandbox.lifecycle.created
row '400: a limit' 400 GET '/events/sandboxes?limit=0'
row '404: another of none' 404 GET /events/sandboxes/sb_000000000000
row 'DELETE /events/webhooks/ID' 204 DELETE "/events/webhooks/$hook"
row '404: again' 404 DELETE "/events/webhooks/$hook"
key=${token_of[ben]}
for path in envs filesystem?path=/workspace/b; do
	row "404: another's ${path%%\?*}" 404 GET "$at/$path"
done
row "404: another's events" 404 GET "/events/sandboxes/$id"
key=${token_of[ana]}

# What a pause keeps, and the two ways to an end.
row 'another' 201 POST /sandboxes '{"templateID": "base", "metadata": {"a": "b"}}'
two=$(answer .sandboxID)
assert_eq 'its object' "$(answer '"\(.metadata.a) \(.startedAt | type) \(
    .clientID | type)"')" 'b string string'
row 'POST .../timeout' 204 POST "/sandboxes/$two/timeout" '{"timeout": 600}'
row 'its end' 200 GET "/sandboxes/$two"
assert_eq 'in ten minutes' "$(answer '((.endAt | sub("[.][0-9]+"; "") |
    fromdateiso8601) - now) as $left | $left > 500 and $left < 610')" true
has_metrics()
{
	ask GET "/sandboxes/$two/metrics" >/dev/null
	[ "$(answer length)" -gt 0 ]
}
sg_wait_for has_metrics || fail 'no metrics'
row 'GET .../metrics' 200 GET "/sandboxes/$two/metrics"
assert_eq 'their words' "$(answer '.[0] | [.ts, .cpu_count, .cpu_used_pct,
    .mem_total, .mem_used, .mem_cache, .mem_total_mib, .mem_used_mib,
    .disk_total, .disk_used] | map(type) | unique | join(" ")')" number
assert_eq 'its limits' "$(answer '.[0] | "\(.cpu_count) \(.mem_total_mib)"')" \
    '1 512'
row 'a file and a process' 200 POST "/sandboxes/$two/processes" '{"cmd":
    "echo kept >/workspace/kept; setsid sleep 986 >/dev/null 2>&1 & true"}'
row 'POST .../pause' 204 POST "/sandboxes/$two/pause"
row 'GET: paused' 200 GET "/sandboxes/$two"
assert_eq 'status' "$(answer .status)" paused
row 'POST .../resume' 200 POST "/sandboxes/$two/resume" '{}'
assert_eq 'status' "$(answer .status)" running
row 'they are there' 200 POST "/sandboxes/$two/processes" \
    '{"cmd": "cat kept; pgrep -cfx \"sleep 986\""}'
assert_eq 'both' "$(answer .stdout)" $'kept\n1'
row 'GET .../filesystem/list without a path' 200 GET \
    "/sandboxes/$two/filesystem/list"
assert_eq 'of /workspace' "$(answer '.[] | select(.name == "kept").path')" \
    /workspace/kept
row 'GET .../files without a path' 200 GET "/sandboxes/$two/files"
row 'POST .../shutdown' 204 POST "/sandboxes/$two/shutdown" '{}'
row '404: GET after it' 404 GET "/sandboxes/$two"
row 'another' 201 POST /sandboxes '{"templateID": "base"}'
two=$(answer .sandboxID)
row 'DELETE .../shutdown' 204 DELETE "/sandboxes/$two/shutdown"
row 'GET /events/sandboxes/ID' 200 GET "/events/sandboxes/$two"
assert_match 'its last' "$(answer '.[0].type')" '^sandbox.lifecycle.killed$'

# Its limits, as the operator sets them, and who is told what where.
sg org set "$red" --max-ttl 1h --max-running 2 >/dev/null
row 'Max lifetime, 1 hour: more is 400' 400 POST /sandboxes \
    '{"templateID": "base", "timeout": 3601}'
assert_match 'the limit' "$(answer .message)" '3600|1h'
row 'of a timeout' 400 POST "$at/timeout" '{"timeout": 3601}'
row 'of a connect' 400 POST "$at/connect" '{"timeout": 3601}'
row 'Max lifetime: all of it' 204 POST "$at/timeout" '{"timeout": 3600}'
small=$(sg_as ana create --cpus 2 --memory 64M --disk 32M 2>/dev/null)
at_exit 'sg destroy "$small"'
row 'Max concurrent: one more is 429' 429 POST /sandboxes '{"templateID": "base"}'
assert_match 'which, whose' "$(answer .message)" "max_running.*$red.*2"
row 'CPU' 200 GET "/sandboxes/$small"
assert_eq 'CPU: 2' "$(answer .cpuCount)" 2
row 'Memory: what takes more is killed' 200 POST "/sandboxes/$small/processes" \
    '{"cmd": "python3", "args": ["-c", "bytearray(512 << 20)"]}'
assert_match 'Memory' "$(answer '"\(.exitCode) \(.stderr)"')" '^137|MemoryError'
row 'Disk: what is full is told' 200 POST "/sandboxes/$small/processes" \
    '{"cmd": "head -c 64M /dev/zero >full"}'
assert_match 'Disk' "$(answer '"\(.exitCode) \(.stderr)"')" \
    '^1 .*(No space left|quota exceeded)'
truncate -s 20M "$tmp/part"
got=$(ask POST "/sandboxes/$small/files" -F "file=@$tmp/part")
assert_eq 'Disk: an upload' "$got" 507
echo 'Disk: an upload: 507'
truncate -s 104857601 "$tmp/more"
got=$(ask POST "$at/files" -F "file=@$tmp/more")
assert_eq 'File upload' "$got" 413
echo "File upload, 100 MB: 413 $(answer .message)"
row 'timeout of a process' 400 POST "$at/processes" \
    '{"cmd": "true", "timeout": 3601}'
