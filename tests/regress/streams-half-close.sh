#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: end of input reaches the command while its output flows.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

seq 5000 | sort -R >"$tmp/lines"
sort -n "$tmp/lines" | sha >"$tmp/wanted"
assert_eq 'sort' "$(sg_ssh sandbox 'sort -n' <"$tmp/lines" | sha)" \
    "$(cat "$tmp/wanted")"
assert_eq 'output after end of input' \
    "$(echo word | sg_ssh sandbox 'read x; cat; sleep 1; echo "late $x"')" \
    'late word'
assert_eq 'empty input' "$(sg_ssh sandbox 'wc -c' </dev/null)" 0
assert_eq 'ssh -n' "$(echo lost | sg_ssh -n sandbox 'wc -c')" 0
# The command stops reading, and the client stops writing.
same_as_sshd 'a command that closes its input' bash -c \
    "yes | timeout 300 ssh -F '$SG_SSH_CONFIG' @ 'head -n 3'"
same_as_sshd 'a command that closes its output' \
    sg_ssh @ 'exec >&- 2>&-; sleep 1; exit 7'
# And the client that stops reading ends the command.
same_as_sshd 'yes | head' bash -c \
    "timeout 300 ssh -F '$SG_SSH_CONFIG' @ yes | head -n 3"
