#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: many variables arrive, a command that is too long to be executed is, and
# where all together is more than can be passed on, that is said.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

# variables N BYTES: N of BYTES, as LC_name, exported.
variables()
{
	local n value

	value=$(head -c "$2" /dev/zero | tr '\0' x)
	for ((n = 0; n < $1; n++)); do
		export "LC_V$n=$value"
	done
}

(
	variables 60 3000
	same_as_sshd '60 of 3000 bytes' sg_ssh -o 'SendEnv=LC_V*' @ \
	    'env | grep ^LC_V | sort | sha256sum; env | grep -c ^SSH_'
)
(
	variables 140 20
	same_as_sshd '140 of 20 bytes' sg_ssh -o 'SendEnv=LC_V*' @ \
	    'env | grep -c ^LC_V; env | grep -c ^SSH_'
)

# long BYTES HOST: runs a command of that length, which ssh(1) takes from its
# configuration alone.
long()
{
	{
		echo "Include $SG_SSH_CONFIG"
		printf 'Match all\n\tRemoteCommand echo $((${#0} - 0)) #'
		head -c "$(($1 - 23))" /dev/zero | tr '\0' x
		echo
	} >"$tmp/long"
	timeout 300 ssh -F "$tmp/long" -T "$2"
}

for size in 100000 131071 131072 200000; do
	same_as_sshd "a command of $size" long "$size" @
done

if [ "$SG_MODE" = product ]; then
	variables 120 6000
	status=0
	words=$(sg_ssh -o 'SendEnv=LC_V*' sandbox true 2>&1) || status=$?
	assert_match 'more than fits' "$words" 'Argument list too long'
	assert_eq 'its status' "$status" 1
fi
