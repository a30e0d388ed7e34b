# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# What the scripts recording-*.sh and replay.sh use. Recording is on until the
# script ends.

recording_on()
{
	at_exit 'sg org set --recording off'
	sg org set --recording on >/dev/null
}

# The number of recordings there are.
recording_count()
{
	sg recordings --all --json | jq '.recordings | length'
}

# The id of the newest recording, of the kind $1 where it is given.
recording_newest()
{
	sg recordings --json | jq -r --arg kind "${1:-}" \
	    '[.recordings[] | select($kind == "" or .kind == $kind)][0].id'
}

# recording_field JQ-FILTER: of each line of JSON on standard input.
recording_field()
{
	jq -c "$1 // empty"
}

# Standard input is an asciicast v2, as its description has it.
recording_check_cast()
{
	/usr/bin/python3 -c '
import json, re, sys
lines = sys.stdin.buffer.read().decode("utf-8").split("\n")
assert lines.pop() == "", "no newline at the end"
header = json.loads(lines[0])
assert header["version"] == 2
assert all(isinstance(header[k], int) and header[k] > 0
           for k in ("width", "height", "timestamp"))
assert all(isinstance(v, str) for v in header["env"].values())
assert isinstance(header["title"], str)
last = 0
for line in lines[1:]:
    time, code, data = json.loads(line)
    assert isinstance(time, float) and time >= last, (time, last)
    last = time
    assert code in "oirm" and isinstance(data, str)
    assert code != "r" or re.fullmatch("[0-9]+x[0-9]+", data)'
}
