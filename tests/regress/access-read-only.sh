#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: read-only SFTP is that of `sftp-server -R`, word for word.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product scopes

port=$(/usr/bin/python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
{
	sed "s/^ListenAddress.*/ListenAddress 127.0.0.1:$port/
	    s,^PidFile.*,PidFile $tmp/pid," "$SG_DIR/reference/sshd_config"
	echo 'ForceCommand internal-sftp -R'
	echo 'DisableForwarding yes'
} >"$tmp/sshd_config"
/usr/sbin/sshd -f "$tmp/sshd_config" -E "$tmp/sshd.log"
at_exit 'kill "$(cat "$tmp/pid")"'
SSHPASS=$(sg ssh-token "$SG_SANDBOX" --ttl 5m --read-only 2>/dev/null)
export SSHPASS
for host in sandbox ref; do
	sg_ssh $host 'mkdir -p /tmp/ro-test/d; echo x >/tmp/ro-test/f
	    ln -sf f /tmp/ro-test/l; chmod 644 /tmp/ro-test/f'
done
at_exit 'sg_ssh sandbox rm -rf /tmp/ro-test; sg_ssh ref rm -rf /tmp/ro-test'
echo new >"$tmp/new"
cat >"$tmp/sandbox-sftp" <<'END'
exec timeout 300 sshpass -e sftp -q -F "$SG_SSH_CONFIG" \
    -o PubkeyAuthentication=no \
    -o PreferredAuthentications=password bare
END
cat >"$tmp/ref-sftp" <<END
exec timeout 300 sftp -q -F "\$SG_SSH_CONFIG" -P $port ref
END
d=/tmp/ro-test
n=0
for line in "get $d/f" "ls -l $d/f" "ls $d" "put $tmp/new $d/new" \
    "put $tmp/new $d/f" "reput $tmp/new $d/f" "rm $d/f" "mkdir $d/e" \
    "rmdir $d/d" "rename $d/f $d/g" "ln $d/f $d/h" "ln -s $d/f $d/s" \
    "chmod 600 $d/f" "chmod -h 600 $d/l" "chown 0 $d/f" "chgrp 0 $d/f" \
    "copy $d/f $d/c" "get $d/none" "mkdir $d/none/none"; do
	same_as_sshd "$line" bash -c "cd '$tmp' && echo '$line' |
	    bash '$tmp/@-sftp' 2>&1 | sed 's/ [0-9.]*[A-Z]*B.s.*//' |
	    sed 's/^\(-[rwx-]* *\).* Nov/\1 Nov/; s/ [0-9][0-9]:[0-9][0-9] / /'"
	n=$((n + 1))
done
assert_eq 'all of them' "$n" 19
assert_eq 'nothing changed' "$(sg_ssh sandbox 'cd /tmp/ro-test; ls; cat f
    stat -c %a f')" $'d\nf\nl\nx\n644'
