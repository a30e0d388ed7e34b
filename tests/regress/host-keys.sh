#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: host keys are told by the API, and a client learns the next one.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'host keys'

dir=$SG_STATE/hostkeys
restart()
{
	sg_stop gateway
	sg_start gateway
	sg_wait_api || fail 'the gateway does not start'
}
assert_eq 'those that are made' "$(cd "$dir" && ls ./*_key)" \
    $'./ssh_host_ed25519_key\n./ssh_host_rsa_key'
sg_told()
{
	curl -s --unix-socket "$SG_RUN/api.sock" http://localhost/v1/ssh |
	    jq -r "$1"
}
for key in ed25519 rsa; do
	sg_told '.host_keys[].fingerprint' | grep -qxF "$(ssh-keygen \
	    -lf "$dir/ssh_host_${key}_key.pub" | cut -d' ' -f2)" ||
	    fail "$key: fingerprint"
	sg ssh-config --sshfp | grep -qxF "$(ssh-keygen -r localhost \
	    -f "$dir/ssh_host_${key}_key.pub" | grep ' 2 ')" ||
	    fail "$key: SSHFP"
done
assert_eq 'known_hosts' "$(sg_told '.known_hosts[]')" \
    "$(sg_told '.host_keys[].public_key' | sed "s/^/[localhost]:$SG_PORT /")"
# learn OPTION...: a login that starts with the keys of today, and the keys
# known after it.
learn()
{
	sed "s/^/learner /" "$tmp/known" >"$tmp/learner"
	sg_ssh -o HostKeyAlias=learner -o UserKnownHostsFile="$tmp/learner" \
	    -o UpdateHostKeys=yes "$@" sandbox true
	cut -d' ' -f3 "$tmp/learner" | sort
}
all()
{
	cat "$dir"/*.pub | cut -d' ' -f2 | sort
}
cat "$dir/ssh_host_ed25519_key.pub" >"$tmp/known"
assert_eq 'the other one is learned' "$(learn)" "$(all)"
# A second key, and one of a curve, are announced; the first stays in use.
ssh-keygen -q -t ed25519 -N '' -C next -f "$dir/ssh_host_next_key"
ssh-keygen -q -t ecdsa -b 384 -N '' -C curve -f "$dir/ssh_host_curve_key"
at_exit 'rm -f "$dir"/ssh_host_{next,curve,old}_key{,.pub}; restart'
restart
assert_eq 'all are learned' "$(learn)" "$(all)"
assert_eq 'four' "$(all | wc -l)" 4
cat "$dir/ssh_host_rsa_key.pub" >"$tmp/known"
assert_eq 'all are learned from RSA' "$(learn \
    -o HostKeyAlgorithms=rsa-sha2-256,ssh-ed25519,ecdsa-sha2-nistp384)" "$(all)"
assert_eq 'the API knows' "$(sg_told '.host_keys | length')" 4
# The next one takes the place of the first, which is known no more: whoever
# has logged in meanwhile sees no difference, and forgets it.
learn >/dev/null
cp "$tmp/learner" "$tmp/learned"
for suffix in '' .pub; do
	mv "$dir/ssh_host_ed25519_key$suffix" "$tmp/old$suffix"
	mv "$dir/ssh_host_next_key$suffix" "$dir/ssh_host_ed25519_key$suffix"
done
at_exit 'for suffix in "" .pub; do
	mv "$tmp/old$suffix" "$dir/ssh_host_ed25519_key$suffix"; done'
restart
sg_ssh -o HostKeyAlias=learner -o UserKnownHostsFile="$tmp/learned" \
    -o UpdateHostKeys=yes sandbox true ||
    fail 'the next key is not taken'
assert_eq 'the old one is forgotten' "$(cut -d' ' -f3 "$tmp/learned" | sort)" \
    "$(all)"
