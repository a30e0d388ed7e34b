#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: death by signal is told as sshd tells it.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

# A client told of a signal exits with 255 and, when verbose, names it.
told()
{
	local status=0

	sg_ssh -o LogLevel=DEBUG1 "$1" "kill -$2 \$\$; sleep 5" \
	    >"$tmp/out" 2>"$tmp/err" || status=$?
	sed -n 's/.*rtype \(exit-s[a-z]*\) .*/\1/p' "$tmp/err"
	echo "exit $status"
}

for signal in TERM KILL SEGV HUP INT PIPE ABRT USR1; do
	told_sshd=$(told ref $signal)
	told_sandbox=$(told sandbox $signal)
	assert_eq "death by $signal" "$told_sandbox" "$told_sshd"
	assert_match "death by $signal" "$told_sandbox" 'exit 255'
done
same_as_sshd 'a signal in a child is a code' sg_ssh @ \
    "{ sh -c 'kill -KILL \$\$'; } 2>/dev/null; echo \$?"
