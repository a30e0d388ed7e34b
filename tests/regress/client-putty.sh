#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: plink, pscp and psftp, the host key pinned.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "$0")/lib-client.sh"

cd "$tmp"
make_tree tree
rm -r "tree/sub dir" # pscp's names are of one encoding, not this one
mkdir -p tree/sub
echo text >tree/sub/run
chmod 0751 tree/sub/run
touch -d '2020-02-02 02:02:02' tree/sub/run
tar -cf tree.tar tree
cp "$SG_STATE"/hostkeys/*ed25519*.pub "$HOME/.ssh/gateway.pub" 2>/dev/null ||
    cp "$SG_STATE"/hostkeys/host_key.pub "$HOME/.ssh/gateway.pub"
at_exit 'sg_ssh sandbox "cd $workspace && rm -rf tree a b"'
run_page windows Key
run_page windows 'plink, pscp and psftp' >said
same_tree plink tree "$workspace/tree" -p
same_tree 'pscp, content' tree "$workspace/a/tree"
same_tree 'pscp -scp, content' tree "$workspace/b/tree"
assert_eq 'pscp, times' "$(sg_ssh sandbox \
    "cd $workspace && stat -c %Y {a,b}/tree/{big,sub/run}")" \
    "$(printf '1580608922\n%.0s' 1 2 3 4)"
cmp tree/big back || fail 'psftp: differs'
key=$(ssh-keygen -l -f "$HOME/.ssh/gateway.pub" | cut -d' ' -f2)
putty()
{
	timeout 300 plink -batch -P "$SG_PORT" -i "$HOME/.ssh/id_ed25519.ppk" \
	    -hostkey "$key" "$SG_SANDBOX@127.0.0.1" "$@" </dev/null
}
assert_eq 'plink, status' "$(putty 'echo out; echo err >&2; exit 7' \
    2>err || echo "$?")" $'out\n7'
assert_eq 'plink, stderr' "$(grep -v '^Using' err)" err
assert_eq 'plink, terminal' "$(putty -t 'stty size' 2>&1 | tr -d '\r' |
    tail -n 1)" '24 80'
key=SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
assert_match 'another host key' "$(putty true 2>&1 || echo "$?")" \
    'not in manually configured list.*1$'
