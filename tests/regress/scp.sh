#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: scp, scp -O and scp -r -p copy both ways and keep modes and times.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p "$tmp/tree/sub/empty"
random_file 3000000 "$tmp/tree/big"
echo text >"$tmp/tree/sub/run"
: >"$tmp/tree/nothing"
chmod 0751 "$tmp/tree/sub/run"
chmod 0600 "$tmp/tree/big"
chmod 0705 "$tmp/tree/sub"
touch -d '2020-02-02 02:02:02' "$tmp/tree/big" "$tmp/tree/sub/run" \
    "$tmp/tree/nothing"
touch -d '2019-01-01 01:01:01' "$tmp/tree/sub/empty" "$tmp/tree/sub" "$tmp/tree"

listing()
{
	(cd "$1" && find . -printf '%p %m %y %T@ ' -type f -exec sha256sum {} \; \
	    -o -printf '\n' | sort)
}

for mode in -s -O; do
	sg_ssh sandbox 'rm -rf scptest; mkdir scptest'
	sg_scp $mode "$tmp/tree/big" sandbox:scptest/one
	assert_eq "$mode: one file" "$(sg_ssh sandbox cat scptest/one | sha)" \
	    "$(sha <"$tmp/tree/big")"
	sg_scp $mode -r -p "$tmp/tree" sandbox:scptest/
	assert_eq "$mode: modes and times there" "$(sg_ssh sandbox \
	    'stat -c "%a %Y" scptest/tree/sub/run scptest/tree/sub')" \
	    "$(stat -c '%a %Y' "$tmp/tree/sub/run" "$tmp/tree/sub")"
	rm -rf "$tmp/back"
	sg_scp $mode -r -p sandbox:scptest/tree "$tmp/back"
	diff <(listing "$tmp/tree") <(listing "$tmp/back") ||
	    fail "$mode: the tree came back changed"
	sg_scp $mode sandbox:'scptest/tree/sub/*n' "$tmp/globbed"
	assert_eq "$mode: pattern" "$(cat "$tmp/globbed")" text
	# Between two hosts, through the client.
	sg_scp $mode -3 sandbox:scptest/one other:scp-third
	assert_eq "$mode: -3" "$(sg_ssh other cat scp-third | sha)" \
	    "$(sha <"$tmp/tree/big")"
done
at_exit 'sg_ssh other rm -f scp-third'
at_exit 'sg_ssh sandbox rm -rf scptest'
