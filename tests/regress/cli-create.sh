#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: create prints the id alone on stdout and the ssh command on stderr.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product "the command line"

id=$(sg create 2>"$tmp/err")
at_exit 'sg destroy "$id"'
assert_match 'id' "$id" '^sb_[0-9a-hjkmnp-tv-z]{12,28}$'
assert_match 'ssh command' "$(cat "$tmp/err")" \
    "ssh -p $SG_PORT $id@localhost"
assert_eq 'lines on stderr' "$(wc -l <"$tmp/err")" 1
# The command is the one that works, but for key and host key of this test.
line=$(grep -o 'ssh -p.*' "$tmp/err")
# shellcheck disable=SC2086
assert_eq 'that command' "$(timeout 300 ${line/ssh/ssh -F none -i $SG_KEY \
    -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o LogLevel=ERROR \
    -o UserKnownHostsFile=/dev/null} echo inside)" inside

full=$(sg create --name full --template base --memory 200M --cpus 0.5 --pids 77 \
    --disk 300M --env ONE=1 --env 'TWO=a b' --json 2>/dev/null)
other=$(jq -r .id <<<"$full")
at_exit 'sg destroy "$other"'
assert_eq 'limits' "$(jq -c '.limits | [.memory_bytes, .pids, .cpu, .disk_bytes]' \
    <<<"$full")" '[209715200,77,0.5,314572800]'
assert_eq 'name, template, status' "$(jq -c '[.name, .template, .status]' \
    <<<"$full")" '["full","base","running"]'
assert_eq 'ssh' "$(jq -c '[.ssh.username, .ssh.host, .ssh.port]' <<<"$full")" \
    "[\"$other\",\"localhost\",$SG_PORT]"
assert_eq 'environment' "$(sg exec "$other" -- sh -c 'echo "$ONE,$TWO"')" '1,a b'
assert_eq 'environment over ssh' "$(sg_ssh -l "$other" sandbox \
    'echo "$ONE,$TWO"')" '1,a b'
assert_eq 'memory as the kernel has it' "$(cat \
    "/sys/fs/cgroup/memory/$SG_CGROUP/$other/memory.limit_in_bytes" \
    "/sys/fs/cgroup/$SG_CGROUP/$other/memory.max" 2>/dev/null)" 209715200
