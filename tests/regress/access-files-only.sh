#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: a login for files alone reaches files and folders and nothing else: no
# process's memory or environment, no terminal, no FIFO. The kernel holds it.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product scopes

d=/tmp/files-only
sg_ssh sandbox "rm -rf $d; mkdir $d $d/sub; cd $d; echo text >f; mkfifo fifo
    ln -s /proc/self/environ env; ln -s /proc/self/root/etc/hostname host"
at_exit "sg_ssh sandbox rm -rf $d"
# The owner's: a terminal, a secret in an environment, a reader of the FIFO.
screen_start "ssh -tt -F $SG_SSH_CONFIG sandbox 'tty >$d/tty; SECRET=x exec cat'"
sg_wait_for sg_ssh sandbox "grep -q pts $d/tty" || fail 'no terminal'
tty=$(sg_ssh sandbox cat $d/tty)
owner=$(sg_ssh sandbox "pgrep -x cat -t ${tty#/dev/}")
sg_ssh sandbox "exec cat $d/fifo >$d/from-fifo" &
reader=$!
# Its end without a terminal would leave the reader there, as under sshd.
at_exit "sg_ssh sandbox \"pkill -f '^cat $d/fifo'\"; end_job $reader"
sg_wait_for sg_ssh sandbox "pgrep -f '^cat $d/fifo'"

# with SCOPE LINE: the line by sftp with such a token; its status and words.
with()
{
	local status=0

	SSHPASS=$(sg ssh-token "$SG_SANDBOX" --ttl 5m ${1:+--$1} 2>/dev/null)
	export SSHPASS
	timeout 60 sshpass -e sftp -q -o BatchMode=no -F "$SG_SSH_CONFIG" -b - \
	    -o PubkeyAuthentication=no -o NumberOfPasswordPrompts=1 \
	    -o PreferredAuthentications=password bare <<<"$2" \
	    >"$tmp/out" 2>&1 || status=$?
	echo "exit $status $(cat "$tmp/out")"
}
refused()
{
	assert_match "$1: $2" "$(with "$1" "$2")" \
	    '^exit 1 .*(denied|Failure|No such file|not (found|a regular|support))'
}
served()
{
	assert_match "$1: $2" "$(with "$1" "$2")" '^exit 0 '
}
printf '\033[2J' >"$tmp/escape"
echo new >"$tmp/new"
# The control: what is refused below, a login with a shell may.
served '' "get /proc/$owner/environ $tmp/environ"
assert_match 'the secret' "$(tr '\0' ' ' <"$tmp/environ")" 'SECRET=x'
served '' "get $d/host $tmp/got"
assert_match 'it is opened' "$(with '' "put $tmp/escape $tty")" 'write remote'
served '' 'ls /proc'
for scope in read-only sftp-only; do
	refused $scope "get /proc/$owner/environ $tmp/got"
	refused $scope "get /proc/$owner/root/etc/hostname $tmp/got"
	refused $scope "get /proc/$owner/mem $tmp/got"
	refused $scope "get /proc/self/environ $tmp/got"
	refused $scope "get /proc/self/root/etc/hostname $tmp/got"
	refused $scope "get /proc/mounts $tmp/got"
	refused $scope "get $d/env $tmp/got"
	refused $scope "get $d/host $tmp/got"
	refused $scope "get /dev/fd/0 $tmp/got"
	refused $scope "get /dev/ptmx $tmp/got"
	refused $scope "get $tty $tmp/got"
	refused $scope "get $d/fifo $tmp/got"
	refused $scope "put $tmp/escape $tty"
	refused $scope "put $tmp/escape /proc/$owner/fd/0"
	refused $scope "put $tmp/new $d/fifo"
	refused $scope "chmod 666 $tty"
	refused $scope "ls /proc"
	refused $scope "ls /proc/$owner"
	refused $scope "cd /proc/$owner"
	refused $scope "ls /dev"
	refused $scope "ls /sys"
	refused $scope "rename $d/f /proc/f"
	refused $scope "ln /proc/$owner/environ $d/hard"
	served $scope "get $d/f $tmp/got"
	served $scope "get /etc/hostname $tmp/got"
	assert_eq 'a file' "$(cat "$tmp/got")" "$SG_SANDBOX"
	assert_match "$scope: /" "$(with $scope 'ls /')" '/home.*/proc.*/usr'
	served $scope "df $d"
done
# What no stock client asks for: opens of what is no file, and / twice at once.
mkdir "$tmp/bin"
cat >"$tmp/bin/ssh" <<END
#!/bin/sh
exec sshpass -e $(command -v ssh) -o PubkeyAuthentication=no \\
    -o PreferredAuthentications=password "\$@"
END
chmod +x "$tmp/bin/ssh"
for scope in sftp-only read-only; do
	SSHPASS=$(sg ssh-token "$SG_SANDBOX" --ttl 5m --$scope 2>/dev/null)
	export SSHPASS
	assert_eq "$scope: opens" "$(PATH=$tmp/bin:$PATH timeout 60 \
	    /usr/bin/python3 "$here/sftp_client.py" files_only bare $d/fifo \
	    "$tty" /dev/ptmx)" "$(printf '%s: permission permission permission\n' \
	    $d/fifo "$tty" /dev/ptmx)"$'\n/: same'
done
for line in "put $tmp/new $d/f" "put $tmp/new $d/new" "rm $d/f" "rm $d/env" \
    "mkdir $d/e" "rmdir $d/sub" "rename $d/f $d/g" "ln $d/f $d/h" \
    "ln -s $d/f $d/s" "chmod 600 $d/f"; do
	refused read-only "$line"
done
# What changes files is as with a shell's login: over folders, by links.
for line in "put $tmp/new $d/f" "put -p $tmp/new $d/long" \
    "ln $d/f $d/sub/hard" "ln -s /dev/null $d/null" "rename $d/long $d/sub/l" \
    "chmod 600 $d/f" "cp $d/f $d/sub/copy" "mkdir $d/made" "rmdir $d/made" \
    "rm $d/null" "rm $d/env" "get $d/sub/copy $tmp/got"; do
	served sftp-only "$line"
done
assert_eq 'what was changed' "$(sg_ssh sandbox "cd $d; cat f sub/hard sub/copy
    ls sub; stat -c %a f; stat -c %a $tty")" \
    $'new\nnew\nnew\ncopy\nhard\nl\n600\n620'
assert_eq 'the reader got nothing' "$(sg_ssh sandbox "cat $d/from-fifo")" ''
kill -0 "$reader" || fail 'the reader was ended'
# Neither does the process, taken over, and it ends with its connection.
[ -x "$BUILD/tests/inject" ] && [ "$(uname -m)" = x86_64 ] || exit 0
server_pid()
{
	local pid

	for pid in $(pgrep -fx 'sftp-server -C -R'); do
		! grep -qs "/$SG_CGROUP/" "/proc/$pid/cgroup" || echo "$pid"
	done
}
has_server()
{
	[ -n "$(server_pid)" ]
}
has_none()
{
	[ -z "$(server_pid)" ]
}
mkfifo "$tmp/silence"
exec 9<>"$tmp/silence"
SSHPASS=$(sg ssh-token "$SG_SANDBOX" --ttl 5m --read-only 2>/dev/null)
export SSHPASS
for attack in "open /proc/1/status" "open-write $d/f" "chmod $d/f" \
    socket-unix socket-inet fork 'execve /bin/sh' 'kill 1' "ptrace $owner"; do
	timeout 300 sshpass -e ssh -F "$SG_SSH_CONFIG" -o \
	    PreferredAuthentications=password -s bare sftp <&9 >/dev/null 2>&1 &
	client=$!
	sg_wait_for has_server || fail 'no server'
	# shellcheck disable=SC2086
	assert_match "taken over: $attack" \
	    "$("$BUILD/tests/inject" "$(server_pid)" $attack)" '^refused'
	end_job "$client"
	sg_wait_for has_none || fail 'a server outlived its connection'
done
