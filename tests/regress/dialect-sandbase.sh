#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: Sandbase's Quick Start by python3-requests, and the rows of its tables; a
# line for each; agents, their sessions, and what is said in those.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product sandbase
# shellcheck source=tests/regress/lib-dialect.sh
. "$here/lib-dialect.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"

# Its template, with as much of pandas as the Quick Start calls.
maker=$(sg create 2>/dev/null)
at_exit 'sg destroy "$maker"'
sg exec "$maker" --root -- 'cat >/usr/lib/python3/dist-packages/pandas.py' <<'END'
import csv

__version__ = "2.1.4"


class Frame:
    def __init__(self, rows):
        self.columns = rows[0]
        self.rows = rows[1:]

    def __len__(self):
        return len(self.rows)

    def describe(self):
        return self

    def to_string(self):
        return f"count {len(self.rows)}"


def read_csv(path):
    with open(path, newline="") as file:
        return Frame(list(csv.reader(file)))
END
at_exit 'sg template rm code_interpreter'
sg template create code_interpreter --from "$maker" >/dev/null 2>&1 ||
    fail 'no template'

printf 'name,amount\na,1\nb,2\n' >"$tmp/data.csv"
(cd "$tmp" && BASE=http://127.0.0.1:$SG_API_PORT KEY=$token timeout 120 \
    python3 "$here/sandbase_quick_start.py" >"$tmp/out" 2>"$tmp/err") ||
    fail "Quick Start: $(cat "$tmp/err")"
id=$(head -n 1 "$tmp/err")
at_exit 'sg destroy "$id"'
assert_eq 'Quick Start' "$(tr '\n' ' ' <"$tmp/out")" \
    "2.1.4  Rows: 2, Columns: ['name', 'amount'] count 2  "
echo 'Quick Start: as it is printed'

# Sandboxes.
at=/sandboxes/$id
row 'GET /sandboxes' 200 GET /sandboxes
assert_eq 'a bare array' "$(answer type)" array
row 'GET /sandboxes/ID' 200 GET "$at"
assert_eq 'it' "$(answer '"\(.sandboxID) \(.templateID) \(.status)"')" \
    "$id code_interpreter running"
row 'GET .../health' 204 GET "$at/health"
row 'POST .../timeout' 204 POST "$at/timeout" '{"timeout": 600}'
row 'POST .../pause' 204 POST "$at/pause"
row 'POST .../connect' 200 POST "$at/connect" '{"timeout": 600}'
assert_eq 'status' "$(answer .status)" running
row 'POST .../pause again' 204 POST "$at/pause"
row '502: .../health of what is paused' 502 GET "$at/health"
row 'POST .../resume' 200 POST "$at/resume" '{}'
key_header=X-API-Key:
row 'by X-API-Key' 200 GET "$at"
unset key_header

# Processes.
row 'POST .../processes' 200 POST "$at/processes" '{"cmd": "sh", "args":
    ["-c", "pwd; echo $A >&2; exit 3"], "envVars": {"A": "b"}}'
assert_eq 'how' "$(answer '"\(.exitCode) \(.stdout)\(.stderr)"')" \
    $'3 /workspace\nb'
assert_match 'processID' "$(answer .processID)" '^[0-9]+$'
row 'a line for the shell' 200 POST "$at/processes" \
    '{"cmd": "echo a | tr a b", "cwd": "/tmp"}'
assert_eq 'stdout' "$(answer .stdout)" b
row '400: without cmd' 400 POST "$at/processes" '{"args": ["x"]}'
assert_eq 'shape' "$(answer '"\(.code) \(.message | type)"')" '400 string'
row '502: timed out' 502 POST "$at/processes" \
    '{"cmd": "sleep", "args": ["100"], "timeout": 1}'

# Files, by both spellings.
sent()
{
	local got

	got=$(ask "$3" "$4" "${@:5}")
	[ "$got" = "$2" ] ||
	    fail "$1: $got, wanted $2: $(head -c 400 "$tmp/answer")"
	echo "$1: $2"
}
sent 'POST .../files, without a path' 200 POST "$at/files" \
    -F "file=@$tmp/data.csv"
assert_eq 'where' "$(answer .path)" /workspace/data.csv
sent 'POST .../filesystem/upload' 200 POST "$at/filesystem/upload" \
    -F path=/workspace/sub/two.csv -F "file=@$tmp/data.csv"
for path in files filesystem/download; do
	row "GET .../$path" 200 GET "$at/$path?path=/workspace/sub/two.csv"
	cmp "$tmp/data.csv" "$tmp/answer" || fail "$path: other bytes"
done
grep -qi '^content-disposition: attachment' "$tmp/head" || fail attachment
for path in files filesystem/list; do
	row "GET .../$path of a folder" 200 GET "$at/$path?path=/workspace"
	assert_eq "$path" "$(answer 'sort_by(.name) | .[] |
	    "\(.name) \(.isDir) \(.type) \(.path)"' | paste -sd,)" \
	    'data.csv false file /workspace/data.csv,sub true dir /workspace/sub'
done
row 'GET .../filesystem/stat' 200 GET \
    "$at/filesystem/stat?path=/workspace/data.csv"
assert_eq 'size' "$(answer .size)" "$(wc -c <"$tmp/data.csv")"
row 'POST .../filesystem/mkdir' 200 POST "$at/filesystem/mkdir" \
    '{"path": "/workspace/a/b"}'
assert_eq 'it' "$(answer '"\(.name) \(.isDir)"')" 'b true'
row 'POST .../filesystem/move' 200 POST "$at/filesystem/move" \
    '{"source": "/workspace/sub/two.csv", "destination": "/workspace/a/b/2"}'
row 'DELETE .../filesystem' 204 DELETE "$at/filesystem?path=/workspace/a/b/2"
row '404: of none' 404 GET "$at/files?path=/workspace/none"
truncate -s 104857601 "$tmp/more"
sent '413: more than 100 MB' 413 POST "$at/files" -F path=/workspace/more \
    -F "file=@$tmp/more"
rm "$tmp/more"

row "a template by E2B's name" 200 GET /templates/aliases/code-interpreter-v1
assert_eq 'whose it is' "$(answer .templateID)" code_interpreter
row 'GET /templates' 200 GET /templates
assert_eq 'a bare array' "$(answer '[.[] | select(.name == "code_interpreter") |
    .templateID] | join(" ")')" code_interpreter

# Agents. The runner is a program of the template: this one answers with what
# it knows, or in events of its own.
sg exec "$maker" --root -- 'cat >/usr/local/bin/sandgate-agent &&
    chmod 755 /usr/local/bin/sandgate-agent' <<'END'
#!/bin/sh
read -r said
case $said in
events) printf '{"type":"step","n":1}\n{"type":"message","content":"two"}\n' ;;
fails) echo 'no key' >&2; exit 4 ;;
long) head -c 300000 /dev/zero | tr '\0' a ;;
*) echo "$AGENT_NAME by $AGENT_MODEL of $AGENT_SYSTEM in $PWD with $AGENT_TOOLS"
    echo "$COLOUR: $said" ;;
esac
END
at_exit 'sg template rm agent'
sg template create agent --from "$maker" >/dev/null 2>&1 || fail 'no template'
base_agent='"name": "Data Analyst", "model": {"name": "m-1"}, "system": "Be\nshort.",
    "tools": [{"type": "mcp", "server": "code-exec"}]'
row 'POST /default/v1/agents' 201 POST /default/v1/agents "{$base_agent}"
agent=$(answer .id)
at_exit 'ask DELETE "/default/v1/agents/$agent" >/dev/null'
row 'GET /default/v1/agents' 200 GET /default/v1/agents
assert_eq 'it' "$(answer ".[] | select(.id == \"$agent\") | .name")" \
    'Data Analyst'
row 'GET /default/v1/agents/ID' 200 GET "/default/v1/agents/$agent"
assert_eq 'it' "$(answer '[.model.name, .system, .tools[0].server] | join(" ")')" \
    $'m-1 Be\nshort. code-exec'
row '400: an agent without a name' 400 POST /default/v1/agents '{}'
row '400: tools that are no array' 400 POST /default/v1/agents \
    '{"name": "a", "tools": {}}'
row '404: no agent' 404 GET /default/v1/agents/agent_0
row '404: of a session' 404 POST /default/v1/sessions \
    '{"agent_id": "agent_999999999"}'

row 'POST /default/v1/sessions' 201 POST /default/v1/sessions "{\"agent_id\":
    \"$agent\", \"environment\": {\"template_id\": \"agent\", \"timeout\": 600,
    \"envVars\": {\"COLOUR\": \"red\"}}}"
session=$(answer .id)
at_exit 'sg destroy "$session"'
assert_eq 'it' "$(answer '"\(.status) \(.agent_id) \(.environment.template_id)"')" \
    "running $agent agent"
row 'GET /default/v1/sessions' 200 GET "/default/v1/sessions?agent_id=$agent"
assert_eq 'it' "$(answer 'map(.id) | join(" ")')" "$session"
row '404: a sandbox that is no session' 404 GET "/default/v1/sessions/$id"

at_session=/default/v1/sessions/$session
say() { row "$1" "$2" POST "$at_session/events" \
    "{\"type\": \"message\", \"role\": \"user\", \"content\": \"$3\"}"; }
say 'POST .../events' 200 'Analyze it'
assert_eq 'the answer' "$(answer '"\(.role): \(.content)"')" \
    $'assistant: Data Analyst by m-1 of Be\nshort. in /workspace with [{"type":"mcp","server":"code-exec"}]\nred: Analyze it'
assert_eq 'both' "$(answer '.events | map(.id + .role) | join(" ")')" \
    '1.0user 1.1assistant'
say 'events of its own' 200 events
assert_eq 'the last' "$(answer '"\(.type) \(.content) \(.events | length)"')" \
    'message two 3'
say '502: it fails' 502 fails
assert_match 'why' "$(answer .message)" 'ended with 4: no key'
# Two at once are one after the other.
say 'one' 200 'at once' >"$tmp/one" &
one=$!
ask_two=$(curl -sS --max-time 120 --unix-socket "$SG_RUN/api.sock" \
    -H "Authorization: Bearer $token" -d '{"content": "at once"}' \
    -H 'Content-Type: application/json' "$base$at_session/events" | jq .id)
wait "$one" || fail 'one of two'
assert_match 'two' "$ask_two" '^"[45]\.1"$'
# A pause, and a start without its processes, keep them.
row 'POST .../pause' 204 POST "/sandboxes/$session/pause"
sg stop "$session"
row 'GET .../events' 200 GET "$at_session/events"
assert_eq 'all' "$(answer '[.next, (.events | map(.id) | join(" "))] | join(" ")')" \
    ' 1.0 1.1 2.0 2.1 2.2 3.0 3.1 4.0 4.1 5.0 5.1'
assert_eq 'a failure' "$(answer '.events[] | select(.type == "error") |
    "\(.exit_code) \(.message)"')" '4 no key'
say 'a long answer' 200 long
assert_eq 'its beginning' "$(answer '"\(.content | length) \(.answer_bytes)"')" \
    '196608 300000'
say 'another' 200 long
row 'GET .../events, more than one answer has' 200 GET "$at_session/events?after=5"
assert_eq 'next' "$(answer '"\(.next) \(.events | length)"')" 'null 4'
say 'a third' 200 long
row 'more' 200 GET "$at_session/events"
assert_eq 'next' "$(answer .next)" 7
row 'the rest' 200 GET "$at_session/events?after=7"
assert_eq 'it' "$(answer '"\(.next) \(.events | map(.id) | join(" "))"')" \
    'null 8.0 8.1'
row '400: another type' 400 POST "$at_session/events" \
    '{"type": "tool", "content": "a"}'
row '400: nothing said' 400 POST "$at_session/events" '{"content": ""}'
assert_eq 'by ssh' "$(sg exec "$session" -- 'cat ~/.session/1.in')" 'Analyze it'

row 'POST /default/v1/sessions, without a runner' 201 POST /default/v1/sessions \
    "{\"agent_id\": \"$agent\", \"environment\": {\"template_id\":
    \"code_interpreter\"}}"
bare=$(answer .id)
at_exit 'sg destroy "$bare"'
row '409: no runner' 409 POST "/default/v1/sessions/$bare/events" \
    '{"content": "a"}'
assert_match 'which' "$(answer .message)" sandgate-agent

# Not there, and another's, are the same.
orgs_start
theirs=$(sg_as ben create 2>/dev/null)
at_exit 'sg destroy "$theirs"'
for none in sb_000000000000 "$theirs"; do
	row '404: no sandbox' 404 POST "/sandboxes/$none/processes" \
	    '{"cmd": "true"}'
	row '404: no sandbox' 404 GET "/sandboxes/$none/files?path=/x"
done
assert_eq 'words' "$(answer .message)" 'sandbox not found'
row '404: their session' 404 POST "/default/v1/sessions/$theirs/events" \
    '{"content": "a"}'
key=$(sg_as ben token create sandbase 2>/dev/null)
row '404: our agent, by them' 404 GET "/default/v1/agents/$agent"
row '404: and to remove' 404 DELETE "/default/v1/agents/$agent"
row 'none of theirs' 200 GET /default/v1/agents
assert_eq 'none' "$(answer length)" 0
key=''
row 'DELETE /default/v1/sessions/ID' 204 DELETE "$at_session"
row '404: a path there is not' 404 GET /default/v1/nothing
assert_eq 'shape' "$(answer .code)" 404
row 'DELETE /sandboxes/ID' 204 DELETE "$at"
row '404: again' 404 DELETE "$at"
row '404: what is gone' 404 POST "$at/processes" '{"cmd": "true"}'
