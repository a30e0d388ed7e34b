#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: the six lines that README begins with share a host among three people, word
# for word.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product organisations

lab=lab-$RANDOM$RANDOM
at_exit 'sg org rm "$lab" --force'
cd "$tmp"
for who in ana bob eve; do
	ssh-keygen -q -t ed25519 -N '' -C "$who" -f "$who"
done
# As the operator has them, and ana, whose line the fifth is.
sudo()
{
	"$@"
}
sandgate()
{
	sg "$@"
}
by()
{
	timeout 300 ssh -F "$SG_SSH_CONFIG" -i "$1" -l "$2" bare "${@:3}" \
	    </dev/null
}
awk '/^```/ { if (n) exit; n = 1; next } n' "$top/README.md" >lines
assert_eq 'lines' "$(wc -l <lines)" 6
assert_match 'the fifth' "$(sed -n 5p lines)" '^ssh -p 2222 new\+keep@host '
sed "s/\<lab\>/$lab/g
    5s/^[^#]*/by ana new+keep echo in >ana.out 2>ana.err /" lines >steps
# shellcheck source=/dev/null
. ./steps >said 2>&1 || fail "$(cat said)"
assert_eq 'ana is in' "$(cat ana.out)" in
id=$(sg list --org "$lab" --json | sg_ids)
assert_match 'the operator sees it' "$(cat said)" "$id"
assert_eq 'hers' "$(sg get "$id" --org "$lab" --json | jq -r .owner)" ana
assert_eq 'she comes back' "$(by ana "$id" echo again)" again
for who in bob eve; do
	assert_match "$who" "$(by $who "$id" true 2>&1 || true)" denied
	assert_eq "what $who sees" "$(by $who ctl list --json |
	    jq '.sandboxes | length')" 0
done
