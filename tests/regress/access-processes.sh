#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: who may only write files runs nothing in the processes of others, though
# they are the same user's: not by their memory, not by what a shell reads.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product scopes

SSHPASS=$(sg ssh-token "$SG_SANDBOX" --ttl 5m --sftp-only 2>/dev/null)
export SSHPASS
put()
{
	echo "put $tmp/in $1" | timeout 300 sshpass -e sftp -q -F "$SG_SSH_CONFIG" \
	    -o PubkeyAuthentication=no \
	    -o PreferredAuthentications=password bare 2>&1 || true
}

# A shell of another login, which reads its commands from a pipe.
sg_ssh sandbox 'rm -f /tmp/injected
    sleep 100 | { echo $BASHPID; exec bash; }' >"$tmp/shell" 2>&1 </dev/null &
sg_wait_for grep -q . "$tmp/shell" || fail 'no shell'
pid=$(head -1 "$tmp/shell")
at_exit 'sg_ssh sandbox "kill -9 $pid; rm -f /tmp/injected"'
sg_wait_for sg_ssh sandbox "[ \"\$(cat /proc/$pid/comm)\" = bash ]"
echo 'touch /tmp/injected' >"$tmp/in"
assert_match 'what it reads' "$(put "/proc/$pid/fd/0")" 'open.*: (Failure|No such|Permission)'
assert_match 'its memory' "$(put "/proc/$pid/mem")" 'open.*: Permission denied'
echo 500 >"$tmp/in"
assert_match 'its limits' "$(put "/proc/$pid/oom_score_adj")" 'open.*: Permission denied'
sleep 1
assert_eq 'nothing ran' "$(status_of sg_ssh sandbox test -e /tmp/injected)" 1

# The control: the way is open where nobody stands in it, and files are files.
sg_ssh sandbox "echo 'touch /tmp/injected' >/proc/$pid/fd/0"
sg_wait_for sg_ssh sandbox test -e /tmp/injected || fail 'it reads nothing'
echo file >"$tmp/in"
put /tmp/injected >/dev/null
assert_eq 'a file' "$(sg_ssh sandbox cat /tmp/injected)" file
