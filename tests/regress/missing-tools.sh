#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: where the image lacks rsync or git, the client is told what to install.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

needs_product 'a message of ours'
# scp is in any image, but one that is installed is what runs.
sg_ssh root 'printf "#!/bin/sh\nprintf \"\\\\1own scp\\\\n\"\n" >/usr/local/bin/scp
    chmod +x /usr/local/bin/scp'
at_exit 'sg_ssh root rm -f /usr/local/bin/scp'
assert_match 'an scp of the image' "$(sg_scp -O sandbox:x "$tmp/x" 2>&1)" \
    '^own scp'
sg_ssh root rm /usr/local/bin/scp
assert_eq 'ours' "$(sg_scp -O sandbox:/etc/hostname "$tmp/x" && cat "$tmp/x")" \
    "$SG_SANDBOX"
command -v rsync >/dev/null || skip 'rsync is not installed'
# An image without: the other sandbox, its tools renamed.
rename_tools()
{
	for tool in rsync git-upload-pack git-receive-pack; do
		sg_ssh -l "$SG_OTHER+root" other \
		    "p=\$(command -v $tool$1) && mv \$p \${p%/*}/$tool$2"
	done
}
rename_tools '' .hidden
at_exit "rename_tools .hidden ''"
status=0
timeout 300 rsync -e "ssh -F $SG_SSH_CONFIG" /etc/hostname other: \
    >"$tmp/out" 2>"$tmp/err" || status=$?
# Its own, or ssh's where that has ended by the time rsync looks.
assert_match "rsync's status" "$status" '^(12|127)$'
assert_match 'the advice' "$(cat "$tmp/err")" \
    'sandgate: this sandbox has no rsync; as its root: apt-get .* install -y rsync'
status=0
GIT_SSH_COMMAND="ssh -F $SG_SSH_CONFIG" timeout 300 git clone -q other:x \
    "$tmp/clone" >"$tmp/out" 2>"$tmp/err" || status=$?
assert_eq "git's status" "$status" 128
assert_match 'the advice' "$(cat "$tmp/err")" 'this sandbox has no git; '
status=0
sg_ssh other 'git-upload-pack x' 2>/dev/null >&2 || status=$?
assert_eq 'the status of the command' "$status" 127
# What only the shell's own startup files make reachable is run.
sg_ssh other 'mkdir -p late && printf "#!/bin/sh\necho found\n" >late/rsync &&
    chmod +x late/rsync && mv .bashrc .bashrc.kept 2>/dev/null;
    echo "PATH=\$HOME/late:\$PATH" >.bashrc'
at_exit "sg_ssh other 'rm -r late .bashrc; mv .bashrc.kept .bashrc'"
assert_eq 'found by the shell' "$(sg_ssh other 'rsync --server x')" found
