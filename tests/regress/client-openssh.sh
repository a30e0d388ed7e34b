#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: ssh as docs/clients/openssh.md has it, ssh-keyscan, ssh-copy-id.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "$0")/lib-client.sh"

me=$SG_SANDBOX@127.0.0.1
cd "$tmp"
mkdir notes
random_file 1000000 notes/data
at_exit 'sg_ssh sandbox "rm -rf $workspace/notes .ssh"'
said=$(run_page openssh Use)
assert_match 'uname, then a terminal' "$said" \
    ^"$(uname -sm)"$'\n'/dev/pts/[0-9]+$'\r?$'
assert_eq 'tar' "$(ssh "$me" cat $workspace/notes/data | sha)" \
    "$(sha <notes/data)"
ssh -O check "$me" 2>&1 | grep -q 'Master running' || fail 'no master'

page openssh 'Host keys' >scan
bash scan 2>/dev/null | cut -d' ' -f2,3 | sort >scanned
cut -d' ' -f1,2 "$SG_STATE"/hostkeys/*.pub | sort >wanted
diff wanted scanned || fail 'ssh-keyscan sees other keys'

# ssh-copy-id, let in by a token, writes a file that means nothing.
needs_product 'a token'
export SSHPASS
SSHPASS=$(new_token copy-id)
at_exit 'sg token revoke "$(token_id copy-id)"'
sshpass -e ssh-copy-id -i "$SG_DIR/wrong.pub" -o ControlPath=none \
    -o PubkeyAuthentication=no -o PreferredAuthentications=password \
    "$me" >copied 2>&1 || fail "ssh-copy-id: $(cat copied)"
assert_match 'ssh-copy-id' "$(cat copied)" 'key\(s\) added: 1'
assert_eq 'the file' "$(ssh "$me" cat .ssh/authorized_keys)" \
    "$(cat "$SG_DIR/wrong.pub")"
assert_match 'the key opens nothing' "$(login "$SG_SANDBOX" \
    -o "IdentityFile=$SG_DIR/wrong" -o ControlPath=none)" 'exit 255$'
sg key add "$SG_DIR/wrong.pub" >number 2>/dev/null
at_exit 'sg key rm "$(head -n 1 '"$tmp"'/number)"'
assert_eq 'sandgate key add does' "$(login "$SG_SANDBOX" \
    -o "IdentityFile=$SG_DIR/wrong" -o ControlPath=none)" $'\nexit 0'
