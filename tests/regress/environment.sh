#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: the environment is sshd's, and what a client may add is listed.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

export LC_WHATEVER='a b=c' LANG=C.UTF-8 SECRET=x LD_PRELOAD='' PATH
send='-o SendEnv=LC_WHATEVER -o SendEnv=SECRET -o SendEnv=LANG'
# shellcheck disable=SC2086
same_as_sshd 'accepted and refused' sg_ssh $send @ \
    'printf "%s|" "$LC_WHATEVER" "$LANG" "${SECRET-unset}"; echo'
same_as_sshd 'SetEnv' sg_ssh -o 'SetEnv=LC_ONE=1 BASH_ENV=/dev/null' @ \
    'echo "$LC_ONE ${BASH_ENV-unset}"'
same_as_sshd 'shell and umask' sg_ssh @ 'echo "$SHELL $0 $-"; umask'
same_as_sshd 'a login shell' bash -c \
    "echo 'shopt -q login_shell && echo login; tty; pwd | grep -c /' |
	ssh -F '$SG_SSH_CONFIG' @ 2>/dev/null"
assert_eq 'home' "$(sg_ssh sandbox pwd)" "$(sg_ssh sandbox 'echo $HOME')"
assert_eq 'user' "$(sg_ssh sandbox 'echo $USER $LOGNAME')" \
    "$(sg_ssh sandbox 'echo $(id -un) $(id -un)')"
same_as_sshd 'names' bash -c "ssh -F '$SG_SSH_CONFIG' @ 'env -0' |
    tr '\\0' '\\n' | cut -d= -f1 |
    grep -vx -e MAIL -e LANG -e OMP_NUM_THREADS -e GOMAXPROCS | sort"
same_as_sshd 'where programs are' sg_ssh @ 'echo "$PATH"'
# By Debian's /etc/profile, which asks no program where the shell knows who it
# is.
for shell in bash dash; do
	command="env -i HOME=/nowhere $shell -lc 'echo \$PATH'"
	assert_eq "where they are for a login $shell" \
	    "$(sg_ssh sandbox "$command")" \
	    /usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games
	assert_eq "and for root's" "$(sg_ssh root "$command")" \
	    /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
done
assert_eq 'what a login shell misses where there are no programs' \
    "$(sg_ssh sandbox 'PATH=/nowhere /bin/bash -lc : 2>&1')" ''
same_as_sshd 'signals are at their defaults' sg_ssh @ \
    'grep -E "^Sig(Ign|Blk)" /proc/self/status'
same_as_sshd 'open descriptors' sg_ssh @ 'ls /proc/self/fd'
