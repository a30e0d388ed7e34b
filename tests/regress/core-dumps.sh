#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: where the host gives core dumps to a program, which the kernel runs as its
# root, no crash inside a sandbox starts it: the limit is the one at which nothing
# is piped, soft and hard, and nobody inside changes it, root neither.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product isolation

# A sandboxd that finds such a pattern: the host's is left as it is.
echo '|/usr/bin/false %p' >"$tmp/pattern"
at_exit 'sg_stop sandboxd; sg_start sandboxd; sg_wait_api'
sg_stop sandboxd
# As sg_start.
setsid unshare -m --propagation slave sh -c "
	mount --bind '$tmp/pattern' /proc/sys/kernel/core_pattern
	exec '$BUILD/bin/sandboxd' -c '$SG_CONF'" </dev/null \
    >>"$SG_LOG/sandboxd.log" 2>&1 &
echo $! >"$SG_DIR/sandboxd.pid"
disown
sg_wait_for test -S "$SG_RUN/sandboxd.sock"
sg_wait_api || fail 'no sandboxd'

id=$(sg create 2>"$tmp/err") || fail "$(cat "$tmp/err")"
at_exit 'sg destroy "$id"'
for user in sandbox root; do
	login=$id+$user
	[ $user = root ] || login=$id
	assert_eq "as $user" "$(sg_ssh -l "$login" sandbox 'ulimit -c 0
	    ulimit -Sc 0; ulimit -c unlimited; exec awk \
	    "/core file/ { print \$5, \$6 }" /proc/self/limits' 2>/dev/null)" \
	    '1 1'
done
# By prlimit, of another process too.
assert_eq 'by prlimit' "$(sg_ssh -l "$id+root" sandbox 'sleep 60 & pid=$!
    prlimit --core=unlimited --pid $pid; prlimit --core=0 --pid $pid
    awk "/core file/ { print \$5, \$6 }" /proc/$pid/limits; kill $pid' \
    2>/dev/null)" '1 1'
assert_match 'by what the kernel takes for it' "$(sg_ssh -l "$id+root" sandbox \
    'python3 - core-limit' <"$here/attacks.py")" '^refused'
assert_eq 'init' "$(sg_ssh -l "$id+root" sandbox \
    'awk "/core file/ { print \$5, \$6 }" /proc/1/limits')" '1 1'
