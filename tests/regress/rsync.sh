#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: rsync copies both ways and only what changed.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

command -v rsync >/dev/null || skip 'rsync is not installed'
sg_ssh sandbox 'command -v rsync' >/dev/null || skip 'no rsync in the template'
mkdir -p "$tmp/tree/sub"
random_file 5000000 "$tmp/tree/big"
ln -s big "$tmp/tree/link"
for n in {1..100}; do
	echo "$n" >"$tmp/tree/sub/$n ü"
done
at_exit 'sg_ssh sandbox rm -rf rsynctest'
sync_there()
{
	timeout 300 rsync -a --delete --stats -e "ssh -F $SG_SSH_CONFIG" \
	    "$tmp/tree/" sandbox:rsynctest/
}
sync_there >/dev/null
printf x | dd of="$tmp/tree/big" bs=1 seek=2500000 conv=notrunc status=none
touch -d tomorrow "$tmp/tree/big"
rm "$tmp/tree/sub/7 ü"
sent=$(sync_there | sed -n 's/^Total bytes sent: //p' | tr -d ,)
[ "$sent" -lt 1000000 ] || fail "sent $sent bytes for one changed"
timeout 300 rsync -a -e "ssh -F $SG_SSH_CONFIG" sandbox:rsynctest/ "$tmp/back/"
diff -r "$tmp/tree" "$tmp/back" || fail 'the tree came back changed'
