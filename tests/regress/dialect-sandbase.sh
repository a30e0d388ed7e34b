#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: Sandbase's Quick Start by python3-requests, and the rows of its tables; a
# line for each. Its agents, sessions and events are not served.
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

row 'GET /templates' 200 GET /templates
assert_eq 'a bare array' "$(answer '[.[] | select(.name == "code_interpreter") |
    .templateID] | join(" ")')" code_interpreter

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
row '404: a path there is not' 404 GET /default/v1/nothing
assert_eq 'shape' "$(answer .code)" 404
row 'DELETE /sandboxes/ID' 204 DELETE "$at"
row '404: again' 404 DELETE "$at"
row '404: what is gone' 404 POST "$at/processes" '{"cmd": "true"}'
