#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: a command's exit code comes back as sshd brings it.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

for code in 0 1 42 127 255; do
	assert_eq "exit $code" "$(status_of sg_ssh sandbox "exit $code")" \
	    "$code"
	assert_eq "exit $code on a terminal" \
	    "$(status_of sg_ssh -tt sandbox "exit $code" </dev/null)" "$code"
done
same_as_sshd 'unknown command' sg_ssh @ 'no-such-command-here'
same_as_sshd 'not executable' sg_ssh @ '/etc/passwd'
same_as_sshd 'syntax error' sg_ssh @ 'if'
same_as_sshd 'empty command line' sg_ssh @ ''
same_as_sshd 'quotes and expansions' sg_ssh @ \
    "printf '%s|' \"a b\" 'c\$d' \$((6 * 7)) \"\$(echo e)\"; echo"
