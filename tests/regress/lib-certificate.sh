# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For tests with certificates: a CA that both the product and a sshd of the
# test's own trust, and clients that have nothing but $tmp/key's certificate.

serial=0
# certify OPTIONS [TYPE]: a fresh key with a certificate by ssh-keygen OPTIONS,
# for users ana and $REF_USER where they name no principal.
certify()
{
	local principals=() words

	eval "words=($1)"
	[[ $1 == *-n\ * ]] || principals=(-n "ana,$REF_USER")
	[ "$1" != "-n 'no principal'" ] || words=()
	rm -f "$tmp/key" "$tmp/key.pub"
	# shellcheck disable=SC2086
	ssh-keygen -q -t ${2:-ed25519} -N '' -f "$tmp/key"
	serial=$((serial + 1))
	ssh-keygen -q -s "$tmp/ca" -z "$serial" -I "key of $serial" \
	    "${principals[@]}" "${words[@]}" "$tmp/key.pub"
}

certificate_start()
{
	local port

	ssh-keygen -q -t ed25519 -N '' -C test-ca -f "$tmp/ca"
	ca=$(sg ca add "$tmp/ca.pub" 2>/dev/null)
	at_exit "sg ca rm $ca"
	port=$(/usr/bin/python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	sed -e "s/^ListenAddress .*/ListenAddress 127.0.0.1:$port/" \
	    -e "s,^PidFile .*,PidFile $tmp/sshd.pid," \
	    -e 's/^Subsystem .*/Subsystem sftp internal-sftp/' \
	    "$SG_DIR/reference/sshd_config" >"$tmp/sshd_config"
	echo "TrustedUserCAKeys $tmp/ca.pub" >>"$tmp/sshd_config"
	chmod 0755 "$tmp"
	/usr/sbin/sshd -f "$tmp/sshd_config" -E "$tmp/sshd.log"
	at_exit "kill \$(cat $tmp/sshd.pid)"
	sed -e "s,IdentityFile .*,IdentityFile $tmp/key," \
	    -e "/^Host ref$/,/^Host /s/Port .*/Port $port/" \
	    "$SG_SSH_CONFIG" >"$tmp/ssh_config"
	SG_SSH_CONFIG=$tmp/ssh_config
	sg_wait_for test -s "$tmp/sshd.pid"
}
