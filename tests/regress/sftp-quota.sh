#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: SFTP's statvfs tells the quota of the sandbox's own disk and what of it is
# left, not the pool that all disks are in; as sshfs and `sftp> df` show it.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product limits

case $(sg status --json | jq -r .sandboxd.disk_backend) in
plain) skip 'the disks of this host have no limit' ;;
esac
id=$(sg create --disk 64M 2>/dev/null)
at_exit 'sg destroy "$id"'

# df FOLDER: its size and what is left of it, KiB.
df()
{
	sg_sftp -o "User=$id" sandbox <<<"df $1" |
	    awk '$1 ~ /^[0-9]+$/ { print $1, $3 }'
}

for folder in /workspace /tmp; do
	read -r size free < <(df $folder)
	assert_eq "$folder" "$size" 65536
	[ "$free" -le 65536 ] && [ "$free" -gt 60000 ] ||
	    fail "$folder: $free KiB free of 64M"
done
# What is no disk is as it was.
assert_eq '/dev/shm' "$(df /dev/shm | cut -d' ' -f1)" \
    "$(sg_ssh -l "$id" sandbox 'df --output=size /dev/shm | tail -n 1' |
	tr -d ' ')"
sg_ssh -l "$id" sandbox 'head -c 40M /dev/urandom >/workspace/fill'
read -r size free < <(df /workspace)
[ "$size" = 65536 ] && [ "$free" -lt 25000 ] && [ "$free" -gt 20000 ] ||
    fail "with 40M of it: $free KiB free of $size"
# Another limit is seen by who is there already, without another start.
sg set "$id" --disk 128M >/dev/null 2>&1
read -r size free < <(df /workspace)
[ "$size" = 131072 ] && [ "$free" -gt 85000 ] ||
    fail "of 128M: $free KiB free of $size"
# The same in the file that is there for all programs.
assert_eq 'the file' "$(sg_ssh -l "$id" sandbox \
    'cat /sys/fs/btrfs/disk/max_referenced')" $((128 << 20))
assert_eq 'others' "$(sg_ssh -l "$id+root" sandbox 'ls /sys/fs/btrfs')" disk
sg_ssh -l "$id+root" sandbox \
    'echo 1 >/sys/fs/btrfs/disk/max_referenced' 2>/dev/null &&
    fail 'root of the sandbox writes its limit'

# A login for files alone, which may not read /sys, is told the same.
for scope in sftp-only read-only; do
	SSHPASS=$(sg ssh-token "$id" --ttl 5m --$scope 2>/dev/null)
	export SSHPASS
	assert_eq "$scope" "$(timeout 60 sshpass -e sftp -q -o BatchMode=no \
	    -F "$SG_SSH_CONFIG" -b - -o PubkeyAuthentication=no \
	    -o PreferredAuthentications=password -o "User=$id" bare <<<'df /tmp' |
	    awk '$1 ~ /^[0-9]+$/ { print $1 }')" 131072
done
