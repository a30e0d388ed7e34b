#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: what 8080's documentation tells to send, with only the host changed; a
# line for each of its rows.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 8080
# shellcheck source=tests/regress/lib-dialect.sh
. "$here/lib-dialect.sh"

BASE=http://api.8080.io
_8080_API_KEY=$token
curl()
{
	command curl --max-time 120 --unix-socket "$SG_RUN/api.sock" "$@"
}

# The three curls.
curl -s -X POST "$BASE/v1/sandboxes" -H "Authorization: Bearer $_8080_API_KEY" \
    -H "Content-Type: application/json" -d '{}' >"$tmp/created"
id=$(jq -r .id "$tmp/created")
at_exit 'sg destroy "$id"'
assert_match 'id' "$id" '^sb_'
assert_eq 'status' "$(jq -r .status "$tmp/created")" running
echo 'POST /v1/sandboxes {}: id, status'
curl -s "$BASE/v1/sandboxes" -H "Authorization: Bearer $_8080_API_KEY" |
    grep -q "\"$id\"" || fail "$id is not listed"
echo 'GET /v1/sandboxes: it is there'
for _ in 1 2; do
	curl -s -X POST "$BASE/v1/sandboxes/$id/stop" \
	    -H "Authorization: Bearer $_8080_API_KEY" \
	    -H "Content-Type: application/json" -d '{}' >"$tmp/stopped"
	assert_eq 'stopped' "$(jq -r '"\(.id) \(.status)"' "$tmp/stopped")" \
	    "$id destroyed"
done
echo 'POST /v1/sandboxes/ID/stop {}: twice'

# Options of its create.
org=$(sg status --json | jq -r .identity.org)
row 'image, resources, labels, project' 201 POST /v1/sandboxes \
    "{\"image\": \"base\", \"resources\": {\"cpu\": 0.5, \"memory\": \"128M\"},
    \"labels\": {\"team\": \"red\"}, \"project\": \"$org\"}"
id=$(answer .id)
assert_eq 'they' "$(answer '"\(.template) \(.limits.cpu) \(.limits.memory_bytes)",
    .labels.team' | paste -sd' ')" 'base 0.5 134217728 red'
row 'a project that is not its own' 403 POST /v1/sandboxes '{"project": "x-y"}'
row 'an image there is not' 404 POST /v1/sandboxes '{"image": "no/such:image"}'
row 'labels and metadata' 400 POST /v1/sandboxes \
    '{"labels": {"a": "b"}, "metadata": {"a": "b"}}'

row 'GET /v1/sandboxes?label=' 200 GET '/v1/sandboxes?label=team%3Dred'
assert_eq 'by a label' "$(answer '[.sandboxes[].id] | join(" ")')" "$id"
row 'labels and metadata of a list' 400 GET \
    '/v1/sandboxes?label=team%3Dred&metadata=team%3Dred'
# An equivalent of run_python: its state stays.
for code in 'x = 41' 'x + 1'; do
	row "run-python: $code" 200 POST "/v1/sandboxes/$id/run-python" \
	    "{\"code\": \"$code\"}"
done
assert_eq 'result' "$(answer .result)" 42
row 'run-python: in a context by name' 200 POST \
    "/v1/sandboxes/$id/run-python" '{"code": "\"x\" in dir()", "context": "own"}'
assert_eq 'its own state' "$(answer .result)" False

# A session: what a client needs for SSH, once.
row 'POST /v1/sandboxes/ID/sessions' 201 POST "/v1/sandboxes/$id/sessions" '{}'
assert_match 'session' "$(answer '"\(.expires_at) \(.ssh.host) \(.ssh.port)"')" \
    '^20.*Z [^ ]+ [0-9]+$'
assert_eq 'user' "$(answer .ssh.username)" "$id"
printf '#!/bin/sh\necho "%s"\n' "$(answer .token)" >"$tmp/askpass"
chmod 700 "$tmp/askpass"
assert_eq 'ssh by the session' "$(SSH_ASKPASS=$tmp/askpass \
    SSH_ASKPASS_REQUIRE=force timeout 60 ssh -F "$SG_SSH_CONFIG" \
    -o PubkeyAuthentication=no -o IdentityFile=none \
    -o PreferredAuthentications=password -o NumberOfPasswordPrompts=1 \
    -l "$id" bare echo in 2>&1 </dev/null)" in
echo 'ssh with the token of the session: in'

# The command line.
row 'its stop' 200 POST "/v1/sandboxes/$id/stop"
made=$(sg create --label team=blue 2>/dev/null)
at_exit 'sg destroy "$made"'
assert_eq 'label' "$(sg get "$made" --json | jq -r .labels.team)" blue
echo 'create --label: prints the id'
assert_eq 'list' "$(sg list --label team=blue --json |
    jq -r '.sandboxes[0].id')" "$made"
echo 'list: by a label, too'
assert_eq 'connect' "$(sg connect "$made" -- -T 2>/dev/null <<<'echo there')" there
echo 'connect: a shell'
spelt=sb-${made#sb_}
row 'the id as hosts spell it' 200 GET "/v1/sandboxes/$spelt"
assert_eq 'id' "$(answer .id)" "$made"
sg stop "$made"
sg stop "$made"
echo 'stop: twice'
