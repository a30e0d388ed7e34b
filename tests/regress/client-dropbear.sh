#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: dropbear's dbclient, as on routers and in recovery systems.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "$0")/lib-client.sh"

dropbearconvert openssh dropbear "$HOME/.ssh/id_ed25519" "$tmp/key" 2>/dev/null
# It knows hosts by their name alone.
sed "s/^[^ ]*/127.0.0.1/" "$HOME/.ssh/known_hosts" >"$tmp/hosts"
mv "$tmp/hosts" "$HOME/.ssh/known_hosts"
db()
{
	timeout 300 dbclient -i "$tmp/key" -p "$SG_PORT" "$@"
}
random_file 5000000 "$tmp/data"
assert_eq 'there' "$(db "$SG_SANDBOX@127.0.0.1" sha256sum <"$tmp/data")" \
    "$(sha <"$tmp/data")  -"
assert_eq 'and back' "$(db "$SG_SANDBOX@127.0.0.1" \
    'cat; echo err >&2; exit 9' <"$tmp/data" 2>"$tmp/err" | sha)" \
    "$(sha <"$tmp/data")"
assert_eq 'stderr' "$(cat "$tmp/err")" err
assert_eq 'status' "$(status_of db "$SG_SANDBOX@127.0.0.1" 'exit 9' \
    </dev/null)" 9
assert_match 'terminal' "$(timeout 300 script -qec "dbclient -t -i $tmp/key \
    -p $SG_PORT $SG_SANDBOX@127.0.0.1 tty" /dev/null)" '/dev/pts/[0-9]'
# scp by way of it, the old way and by sftp.
at_exit 'sg_ssh sandbox "rm -f $workspace/db"'
printf '#!/bin/sh\nexec dbclient -i %s "$@"\n' "$tmp/key" >"$tmp/bin/db"
chmod +x "$tmp/bin/db"
timeout 300 /usr/bin/scp -q -O -P "$SG_PORT" -S "$tmp/bin/db" \
    -o BatchMode=no "$tmp/data" "$SG_SANDBOX@127.0.0.1:$workspace/db" ||
    fail 'scp -S dbclient'
assert_eq 'scp' "$(sg_ssh sandbox "cat $workspace/db" | sha)" \
    "$(sha <"$tmp/data")"
