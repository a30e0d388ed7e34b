#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: sandgate ssh-config makes sandboxes hosts of the user's ssh.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the command line'

# Short, so that there is room for a socket's path.
HOME=$(mktemp -d /tmp/home-XXXXXX)
export HOME
at_exit 'rm -rf "$HOME"'
dir=$HOME/.ssh
mkdir -p "$dir"
printf '# mine\nHost regress-other\n\tHostName db.example\n' >"$dir/config"
chmod 640 "$dir/config"
cp "$dir/config" "$tmp/mine"
sg ssh-config --identity "$SG_KEY" >"$tmp/printed" 2>"$tmp/err"
assert_match 'the host keys are missing' "$(cat "$tmp/err")" 'write makes it'
cmp "$tmp/mine" "$dir/config" || fail 'printing changed the file'
sg ssh-config --identity "$SG_KEY" --write
assert_eq 'what is written is what is printed' "$(cat "$dir/sandgate.conf")" \
    "$(cat "$tmp/printed")"
assert_eq 'what was there' "$(tail -n +2 "$dir/config")" "$(cat "$tmp/mine")"
assert_eq 'the line' "$(head -n 1 "$dir/config")" \
    "Include \"$dir/sandgate.conf\""
assert_eq 'its mode' "$(stat -c %a "$dir/config")" 640
cp "$dir/config" "$tmp/first"
sg ssh-config --identity "$SG_KEY" --write
cmp "$tmp/first" "$dir/config" || fail 'writing twice is not writing once'

plain()
{
	local program=$1

	shift
	timeout 300 "$program" -F "$dir/config" -o IdentityAgent=none "$@"
}
at_exit 'for s in "$dir"/sg-*; do ssh -o ControlPath="$s" -O exit any; done'
assert_eq 'by name' "$(plain ssh regress echo inside)" inside
assert_eq 'by id' "$(plain ssh "$SG_OTHER" hostname)" \
    "$(sg_ssh other hostname)"
assert_eq 'connections are shared' "$(plain ssh -O check regress 2>&1 |
    grep -c 'Master running')" 1
assert_eq 'root by its own' "$(plain ssh -l "$SG_SANDBOX+root" \
    -o ControlPersist=no regress id -un)" root
echo file >"$tmp/file"
plain scp -q "$tmp/file" regress:/tmp/ssh-config
assert_eq 'scp' "$(plain ssh regress cat /tmp/ssh-config)" file
# A host of the user's own keeps its name.
assert_eq 'not taken over' "$(plain ssh -G regress-other | sed -n \
    's/^hostname //p')" db.example
# Another host's keys are refused, without a question.
sed -i 's/ssh-[a-z0-9]* .*/ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN\/qeWru48eso60+v\/4CmWLnnlChBpn9Fbdt2bU2E63S/
    /ecdsa/d' "$dir/sandgate_known_hosts"
plain ssh -o ControlPath=none regress true 2>"$tmp/err" && fail 'not pinned'
assert_match 'pinned' "$(cat "$tmp/err")" 'Host key verification failed'
sg ssh-config regress --write
assert_eq 'one by name' "$(grep -c '^Host' "$dir/sandgate.conf")" 1
sg ssh-config nothing --write 2>"$tmp/err" && fail 'an unknown one'
assert_match 'an unknown one' "$(cat "$tmp/err")" 'nothing: no such sandbox'
assert_eq 'nothing was lost' "$(grep -c '^Host' "$dir/sandgate.conf")" 1
# A file that is a link is not ours to change.
mv "$dir/config" "$tmp/elsewhere"
ln -s "$tmp/elsewhere" "$dir/config"
sed -i 1d "$tmp/elsewhere"
assert_match 'a link' "$(sg ssh-config --write 2>&1)" 'Put at the top of'
cmp "$tmp/mine" "$tmp/elsewhere" || fail 'the link was written through'
