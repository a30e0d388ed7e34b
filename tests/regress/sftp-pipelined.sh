#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: 1000 requests outstanding are answered in order. How fast is printed, not
# judged, for other tests run beside it: contrib/bench measures that.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

mebibytes=${SG_MEBIBYTES:-64}
for host in ref sandbox ref sandbox; do
	timeout 300 /usr/bin/python3 "$here/sftp_client.py" pipelined $host \
	    /tmp/sftp-pipelined.$$ "$mebibytes" >>"$tmp/$host" ||
	    fail "$host: pipelined requests"
done
best()
{
	sort -n -k "$2" "$tmp/$1" | awk -v n="$2" 'NR == 1 { print $n }'
}

for n in 1 2; do
	awk -v a="$(best sandbox $n)" -v b="$(best ref $n)" -v n=$n \
	    -v m="$mebibytes" 'BEGIN {
		printf "%s: %.0f MiB/s, sshd %.0f: %.2f times the time\n",
		    n == 1 ? "put" : "get", m / a, m / b, a / b }'
done
