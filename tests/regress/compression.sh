#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: ssh -C, as with sshd: zlib@openssh.com, delayed until the login.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product sessions

said()
{
	grep -o "$1" "$tmp/log" | tr -d '\r' | sort -u
}
for host in sandbox ref; do
	sg_ssh -C -vv -E "$tmp/log" $host true
	assert_eq "$host" "$(said 'compression: [^ ]*')" \
	    'compression: zlib@openssh.com'
	assert_match "$host" "$(said 'Enabling compression.*')" 'at level'
	: >"$tmp/log"
	sg_ssh -vv -E "$tmp/log" $host true
	assert_eq "$host, without -C" "$(said 'compression: [^ ]*')" \
	    'compression: none'
	: >"$tmp/log"
done
# What does not compress, what does, and what is tiny, out and back.
random_file 33554432 "$tmp/random"
head -c 67108864 /dev/zero >"$tmp/zeros"
seq 400000 >"$tmp/text"
for file in random zeros text; do
	assert_eq "$file" "$(sg_ssh -C sandbox cat <"$tmp/$file" | sha)" \
	    "$(sha <"$tmp/$file")"
done
for size in $(seq 4000 7 4200) 0 1 32758 32768; do
	head -c "$size" "$tmp/random"
done >"$tmp/pieces"
assert_eq 'pieces' "$(sg_ssh -C sandbox 'dd bs=4091 status=none' \
    <"$tmp/pieces" | sha)" "$(sha <"$tmp/pieces")"
sg_sftp -C sandbox >"$tmp/out" <<-END
	put $tmp/text /tmp/compressed-text
	get /tmp/compressed-text $tmp/text-back
	rm /tmp/compressed-text
END
cmp "$tmp/text" "$tmp/text-back" || fail 'sftp -C changed the bytes'
# That it is compressed on the wire, and not only agreed upon.
sg_ssh -C -v -E "$tmp/log" sandbox 'head -c 16777216 /dev/zero' >/dev/null
bytes=$(said 'received [0-9]* bytes' | cut -d' ' -f2)
echo "16 MiB of zeros were $bytes bytes"
[ "$bytes" -lt 1048576 ] || fail "16 MiB of zeros were $bytes bytes"
