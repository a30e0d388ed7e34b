#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: on a terminal the shell's end is the end, as under sshd: what it wrote
# arrives, what others write later does not, and they are hung up.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

same_as_sshd 'late output is dropped' sg_ssh -tt @ \
    'trap "" HUP; (sleep 10; echo late) & echo hi'
same_as_sshd 'output before the end is not' sg_ssh -tt @ \
    'echo hi; (sleep 0.2; echo early) & wait; exit 4'
same_as_sshd 'much output, and the end at once' bash -c \
    "timeout 300 ssh -F '$SG_SSH_CONFIG' -tt @ 'seq 200000; exit 5' | sha256sum"
same_as_sshd 'the last bytes, many times' bash -c 'for n in $(seq 12); do
	timeout 300 ssh -F "$SG_SSH_CONFIG" -tt @ "printf %2000d $n; exit $n" |
	    tr -d " "
    done'
file=/tmp/terminal-end.$$
for host in sandbox ref; do
	at_exit "sg_ssh $host rm -f $file"
done
# One that ignores the hang-up goes on, but cannot write any more. Each is
# waited for before the shell ends.
up="until [ -e $file.up ]; do sleep 0.1; done; rm $file.up"
same_as_sshd 'nohup' bash -c "timeout 300 ssh -F '$SG_SSH_CONFIG' -tt @ \
    '(trap \"\" HUP; touch $file.up; sleep 10; echo x; echo \$? >$file) & $up
    echo hi'
    timeout 300 ssh -F '$SG_SSH_CONFIG' @ '$(once "$file")'"
same_as_sshd 'a job is hung up' bash -c "timeout 300 ssh -F '$SG_SSH_CONFIG' \
    -tt @ '(trap \"echo hup >$file; exit\" HUP; touch $file.up; sleep 9 & wait) &
    $up'
    timeout 300 ssh -F '$SG_SSH_CONFIG' @ '$(once "$file")'"
same_as_sshd 'end of input is not the end' bash -c \
    "timeout 300 ssh -F '$SG_SSH_CONFIG' -tt @ 'sleep 0.5; echo done' </dev/null"
# Typed once there is no echo.
same_as_sshd 'Ctrl-D is' bash -c "(
	timeout 300 ssh -F '$SG_SSH_CONFIG' @ '$up'; printf 'one\ntwo\n\004') |
    timeout 300 ssh -F '$SG_SSH_CONFIG' -tt @ 'stty -echo; touch $file.up; cat
    echo done'"
