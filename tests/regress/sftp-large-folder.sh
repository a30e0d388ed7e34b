#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a folder of 100 000 entries is listed whole, promptly and in little memory.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

SG_TIMEOUT=300 # for hangs: how quick it is, is printed
folder=/tmp/sftp-large.$$
for host in sandbox ref; do
	at_exit "sg_ssh $host rm -rf $folder"
	sg_ssh $host "mkdir $folder && cd $folder && seq 100000 | xargs touch"
done
list()
{
	timeout "$SG_TIMEOUT" /usr/bin/python3 "$here/sftp_client.py" \
	    list "$1" "$folder"
}

list ref >"$tmp/ref"
list sandbox >"$tmp/sandbox"
read -r count_ref s_ref <"$tmp/ref"
read -r count s <"$tmp/sandbox"
assert_eq 'entries' "$count" 100000
assert_eq "sshd's entries" "$count_ref" 100000
awk -v a="$s" -v b="$s_ref" 'BEGIN {
	printf "listed in %.2f s, sshd in %.2f s: %.2f times\n", a, b, a / b }'
needs_product 'the memory of our server'
# Memory, seen from inside while a listing goes on.
sg_ssh root 'echo ready
    while [ ! -e '$folder'/listed ]; do
	for p in $(pgrep -f "^sftp-server"); do
		sed -n "s/VmHWM:[ \t]*\([0-9]*\).*/\1/p" /proc/$p/status
	done 2>/dev/null
	sleep 0.05
    done' >"$tmp/kib" &
watch=$!
sg_wait_for grep -q ready "$tmp/kib" || fail 'nobody watches'
echo "ls -1 $folder" | sg_sftp sandbox >"$tmp/names"
sg_ssh sandbox touch $folder/listed
wait "$watch"
kib=$(grep -v ready "$tmp/kib" | sort -n | tail -n 1) || true
assert_eq 'names sftp(1) prints' "$(grep -vc "^sftp>" "$tmp/names")" 100000
echo "at most $kib KiB resident"
[ "${kib:-99999}" -lt 8192 ] || fail "the server took $kib KiB"
