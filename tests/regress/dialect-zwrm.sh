#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: every row of zwrm's tables, under each of its spellings; a line for each.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product zwrm
# shellcheck source=tests/regress/lib-dialect.sh
. "$here/lib-dialect.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"

made=()
at_exit 'for one in "${made[@]}"; do sg destroy "$one"; done'
create()
{
	row "$1" 201 POST /v1/sandboxes "$2"
	id=$(answer .id)
	made+=("$id")
}
bad() { row "400: $1" 400 POST /v1/sandboxes "$2"; }

# Create.
create 'ephemeral' '{"template": "base", "mode": "ephemeral", "timeout": "10m",
    "env": {"COLOUR": "red"}, "metadata": {"user": "ann"}}'
eph=$id
assert_eq 'it' "$(answer '"\(.mode) \(.status) \(.template) \(.metadata.user)"')" \
    'ephemeral running base ann'
assert_match 'expires_at' "$(answer .expires_at)" '^20'
create 'ephemeral, 5m of its own' '{"mode": "ephemeral"}'
assert_eq 'timeout' "$(answer .ttl)" 300
create 'a size' '{"size": "shared-cpu-1x"}'
assert_eq 'size' "$(answer '"\(.limits.cpu) \(.limits.memory_bytes)"')" \
    "1 $((256 << 20))"
create 'timeout as a number' '{"timeout": 90}'
assert_eq 'timeout' "$(answer '"\(.ttl) \(.mode)"')" '90 ephemeral'
create 'persistent' '{"mode": "persistent", "idle_timeout": "20m"}'
per=$id
assert_eq 'it' "$(answer '"\(.mode) \(.idle_timeout_seconds) \(.expires_at)"')" \
    'persistent 1200 null'
create 'persistent, 10m of its own' '{"mode": "persistent"}'
assert_eq 'idle_timeout' "$(answer .idle_timeout)" 600
bad 'mode' '{"mode": "eternal"}'
bad 'timeout of 25h' '{"mode": "ephemeral", "timeout": "25h"}'
bad 'timeout of words' '{"timeout": "soon"}'
bad 'timeout of 0' '{"mode": "ephemeral", "timeout": "0s"}'
bad 'timeout of what is persistent' '{"mode": "persistent", "timeout": "5m"}'
bad 'idle_timeout of what is ephemeral' \
    '{"mode": "ephemeral", "idle_timeout": "5m"}'
bad 'size' '{"size": "no-such-size"}'
row '404: template' 404 POST /v1/sandboxes '{"template": "no-such-template"}'

# Egress.
create 'egress omitted' '{}'
create 'egress allow_all' '{"egress": {"mode": "allow_all"}}'
create 'egress deny_all' '{"egress": {"mode": "deny_all"}}'
create 'egress with every list' '{"egress": {"mode": "deny_all",
    "allow_cidrs": ["192.0.2.0/24"], "deny_cidrs": ["192.0.2.8/32"],
    "allow_ports": [443]}}'
row '  read back' 200 GET "/v1/sandboxes/$id/egress"
assert_eq 'as written' "$(answer \
    '[.mode, .allow_cidrs, .deny_cidrs, .allow_ports] | tojson')" \
    '["deny_all",["192.0.2.0/24"],["192.0.2.8"],[443]]'
for mode in allow_all deny_all; do
	row "  $mode" 200 PUT "/v1/sandboxes/$id/egress" "{\"mode\": \"$mode\"}"
	assert_eq "$mode" "$(answer '[.mode, .allow_cidrs, .deny_cidrs,
	    .allow_ports] | tojson')" "[\"$mode\",null,null,null]"
done
row '  what its words cannot say' 200 PUT "/v1/sandboxes/$id/egress" \
    '{"default": "deny", "rules": [{"action": "allow", "ports": [443]}]}'
assert_eq 'no mode' "$(answer .mode)" null
row '  what they can' 200 PUT "/v1/sandboxes/$id/egress" '{"mode": "deny_all",
    "allow_cidrs": ["192.0.2.0/24"], "deny_cidrs": ["192.0.2.8/32"],
    "allow_ports": [443]}'
verdict()
{
	row "  $1 port $2: $3" 200 POST "/v1/sandboxes/$id/egress/check" \
	    "{\"host\": \"$1\", \"port\": $2}"
	assert_eq "$1" "$(answer .allowed)" "$3"
}
verdict 192.0.2.9 443 true
verdict 192.0.2.9 80 false
verdict 192.0.2.8 443 false
verdict 198.51.100.1 443 false
bad 'egress without mode' '{"egress": {}}'
bad 'egress mode' '{"egress": {"mode": "some"}}'
bad 'allow_all with a list' \
    '{"egress": {"mode": "allow_all", "deny_cidrs": ["192.0.2.0/24"]}}'
bad 'allow_ports alone' '{"egress": {"mode": "deny_all", "allow_ports": [80]}}'
bad 'deny_cidrs with the metadata address' \
    '{"egress": {"mode": "deny_all", "deny_cidrs": ["169.254.0.0/16"]}}'
bad 'allow_cidrs of link-local' '{"egress": {"mode": "deny_all",
    "allow_cidrs": ["169.254.169.254/32"]}}'
bad 'a bad CIDR' '{"egress": {"mode": "deny_all", "allow_cidrs": ["x"]}}'
bad 'a port of 0' '{"egress": {"mode": "deny_all",
    "allow_cidrs": ["192.0.2.0/24"], "allow_ports": [0]}}'
bad 'a port of 65536' '{"egress": {"mode": "deny_all",
    "allow_cidrs": ["192.0.2.0/24"], "allow_ports": [65536]}}'

# Get, list.
row 'get' 200 GET "/v1/sandboxes/$eph"
row '404: get' 404 GET /v1/sandboxes/sb_000000000000
row 'list' 200 GET /v1/sandboxes
answer '.sandboxes[].id' | grep -qx "$eph" || fail "$eph is not listed"
listed()
{
	row "list ?status=$1" 200 GET "/v1/sandboxes?status=$1"
	answer '.sandboxes[].id' | grep -qx "$2" || fail "$2 is not listed"
}
listed running "$eph"
row 'list ?status=creating' 200 GET '/v1/sandboxes?status=creating'
row '400: ?status=' 400 GET '/v1/sandboxes?status=asleep'

# Keepalive.
row 'keepalive' 200 POST "/v1/sandboxes/$eph/keepalive" '{"timeout": "30m"}'
left()
{
	answer '.expires_at | sub("\\.[0-9]+"; "") | fromdate - now | . / 60 |
	    round'
}
assert_eq 'minutes left' "$(left)" 30
row 'keepalive, cut at 24h' 200 POST "/v1/sandboxes/$eph/keepalive" \
    '{"timeout": "100h"}'
assert_eq 'minutes left' "$(left)" 1440
row 'keepalive, as it was' 200 POST "/v1/sandboxes/$eph/keepalive"
assert_eq 'minutes left' "$(left)" 10
row '409: keepalive of what is persistent' 409 POST \
    "/v1/sandboxes/$per/keepalive" '{"timeout": "30m"}'
row '400: keepalive' 400 POST "/v1/sandboxes/$eph/keepalive" '{"timeout": "x"}'

# Execute, by both spellings.
for verb in execute exec; do
	row "$verb" 200 POST "/v1/sandboxes/$eph/$verb" '{"command":
	    "echo $COLOUR $SHADE; pwd; echo err >&2; exit 3", "workdir": "/tmp",
	    "env": {"SHADE": "dark"}, "timeout": "30s"}'
	assert_eq 'how' "$(answer '"\(.exit_code) \(.stdout)\(.stderr)"')" \
	    $'3 red dark\n/tmp\nerr'
	assert_match 'duration' "$(answer .duration)" '^[0-9.]+$'
	row "400: $verb without command" 400 POST "/v1/sandboxes/$eph/$verb" '{}'
	row "400: $verb, timeout of 6m" 400 POST "/v1/sandboxes/$eph/$verb" \
	    '{"command": "true", "timeout": "6m"}'
	row "400: $verb, timeout of words" 400 POST "/v1/sandboxes/$eph/$verb" \
	    '{"command": "true", "timeout": "soon"}'
done
row 'execute, killed by its timeout' 200 POST "/v1/sandboxes/$eph/execute" \
    '{"command": "sleep 100", "timeout": "1s"}'
assert_eq 'timed out' "$(answer '"\(.timed_out) \(.exit_code)"')" 'true 137'

# Upload and download, by each spelling.
printf 'one\0two' >"$tmp/file"
upload()
{
	local got

	got=$(ask "$3" "$4" "${@:5}")
	[ "$got" = "$2" ] ||
	    fail "$1: $got, wanted $2: $(head -c 400 "$tmp/answer")"
	echo "$1: $2"
}
same()
{
	row "  $1" 200 GET "$2"
	cmp "$tmp/file" "$tmp/answer" || fail "$1: other bytes"
	grep -qi '^content-type: application/octet-stream' "$tmp/head" ||
	    fail "$1: $(cat "$tmp/head")"
}
path=/v1/sandboxes/$eph
for method in POST PUT; do
	upload "$method upload" 204 $method "$path/upload?path=/tmp/$method" \
	    -H 'Content-Type: application/octet-stream' \
	    --data-binary "@$tmp/file"
	same download "$path/download?path=/tmp/$method"
done
upload 'upload, chunked' 204 POST "$path/upload?path=/tmp/a/chunked" \
    -H 'Transfer-Encoding: chunked' --data-binary "@$tmp/file"
same 'download by files' "$path/files?path=/tmp/a/chunked"
upload 'upload of a form' 204 POST "$path/upload" -F path=/tmp/form \
    -F "file=@$tmp/file"
same download "$path/download?path=/tmp/form"
upload 'upload of a form, its file first' 204 POST "$path/upload" \
    -F "file=@$tmp/file" -F path=late
same download "$path/download?path=late"
upload '409: the same, to another disk' 409 POST "$path/upload" \
    -F "file=@$tmp/file" -F path=/tmp/late
upload 'PUT files' 200 PUT "$path/files?path=/tmp/by-files" \
    --data-binary "@$tmp/file"
same download "$path/download?path=/tmp/by-files"
for bad in / '' /tmp/../etc/x ..; do
	upload "400: upload to '$bad'" 400 POST "$path/upload?path=$bad" \
	    --data-binary "@$tmp/file"
	upload "400: form to '$bad'" 400 POST "$path/upload" \
	    -F "file=@$tmp/file" -F "path=$bad"
done
row 'nothing is left beside' 200 POST "$path/execute" \
    '{"command": "ls -A | grep upload-; true"}'
assert_eq 'left' "$(answer .stdout)" ''
truncate -s 100M "$tmp/most"
truncate -s 104857601 "$tmp/more"
upload '400: upload of more than 100 MB' 400 POST "$path/upload?path=/tmp/more" \
    --data-binary "@$tmp/more"
upload '400: the same, chunked' 400 POST "$path/upload?path=/tmp/more" \
    -H 'Transfer-Encoding: chunked' --data-binary "@$tmp/more"
upload '400: the same, a form' 400 POST "$path/upload?path=/tmp/more" \
    -F "file=@$tmp/more"
row '404: nothing of it' 404 GET "$path/download?path=/tmp/more"
upload 'upload of 100 MB' 204 POST "$path/upload?path=/tmp/most" \
    --data-binary "@$tmp/most"
rm "$tmp/most" "$tmp/more"
row '404: download' 404 GET "$path/download?path=/tmp/none"

# Wake.
row 'suspended' 200 POST "/v1/sandboxes/$per/suspend"
assert_eq 'status' "$(answer '"\(.status) \(.state)"')" 'suspended suspended'
listed suspended "$per"
row 'wake' 200 POST "/v1/sandboxes/$per/wake"
assert_eq 'status' "$(answer .status)" running
row 'wake of what runs' 200 POST "/v1/sandboxes/$per/wake"
row 'paused' 200 POST "/v1/sandboxes/$per/pause"
assert_eq 'status' "$(answer '"\(.status) \(.state)"')" 'suspended paused'
listed suspended "$per"
row 'execute wakes it' 200 POST "/v1/sandboxes/$per/execute" \
    '{"command": "true"}'

# Destroy, and what is not running then.
row 'destroy' 204 DELETE "/v1/sandboxes/$eph"
row 'destroy again' 204 DELETE "/v1/sandboxes/$eph"
listed destroyed "$eph"
row 'get of it' 200 GET "/v1/sandboxes/$eph"
assert_eq 'status' "$(answer .status)" destroyed
row '409: execute' 409 POST "/v1/sandboxes/$eph/execute" '{"command": "true"}'
row '409: upload' 409 POST "/v1/sandboxes/$eph/upload?path=/tmp/x" '{}'
row '409: download' 409 GET "/v1/sandboxes/$eph/download?path=/tmp/x"
row '409: wake' 409 POST "/v1/sandboxes/$eph/wake"
row '409: keepalive' 409 POST "/v1/sandboxes/$eph/keepalive"
row '404: destroy of what never was' 404 DELETE /v1/sandboxes/sb_000000000000
row 'list has it no more' 200 GET /v1/sandboxes
answer '.sandboxes[].id' | grep -qx "$eph" && fail 'it is listed'

# Another organisation's.
orgs_start
theirs=$(sg_as ben create 2>/dev/null)
at_exit 'sg destroy "$theirs"'
key=${token_of[max]}
row '403: get' 403 GET "/v1/sandboxes/$theirs"
row '403: destroy' 403 DELETE "/v1/sandboxes/$theirs"
row '403: keepalive' 403 POST "/v1/sandboxes/$theirs/keepalive"
row '403: wake' 403 POST "/v1/sandboxes/$theirs/wake"
row '403: execute' 403 POST "/v1/sandboxes/$theirs/execute" \
    '{"command": "true"}'
row '403: upload' 403 POST "/v1/sandboxes/$theirs/upload?path=/tmp/x" '{}'
row '403: download' 403 GET "/v1/sandboxes/$theirs/download?path=/tmp/x"
key=nothing
row '401' 401 GET /v1/sandboxes
