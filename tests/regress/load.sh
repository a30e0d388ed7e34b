#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: shells, commands, transfers and forwards at once, clients killed amid
# them: no error, and nothing is left. The long form:
# SG_CONNECTIONS=200 SG_SECONDS=300 SG_KILLED=30
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

needs_product 'a look at our daemons'
/usr/bin/python3 -c 'import asyncssh' 2>/dev/null || skip 'no asyncssh'
connections=${SG_CONNECTIONS:-8} seconds=${SG_SECONDS:-20} growth=4096
# The address sanitizer keeps what was freed for a while.
! grep -q __asan_init "$BUILD/bin/gateway-broker" || growth=65536
hosts=() ids=()
# At their limit of processes shells cannot start, and rightly so: sandboxes
# of their own, large enough.
for ((n = 0; n < (connections + 49) / 25; n++)); do
	ids+=("$(sg create --pids 4096 --memory 4G 2>"$tmp/create.err")") ||
	    fail "create: $(<"$tmp/create.err")"
	at_exit "sg destroy ${ids[n]}"
	hosts+=(--host "load$n")
	sed -n "s/^Host other$/Host load$n/; s/$SG_OTHER/${ids[n]}/
	    /^Host load/,/HostKeyAlias/p" "$SG_SSH_CONFIG" >>"$tmp/config"
done
cat "$SG_SSH_CONFIG" >>"$tmp/config"
timeout $((seconds + 600)) "$top/contrib/load" --ssh-config "$tmp/config" \
    "${hosts[@]}" --connections "$connections" --channels 24 \
    --seconds "$seconds" --processes $((connections < 64 ? 4 : 8)) \
    --killed "${SG_KILLED:-3}" --growth "$growth" \
    --gateway "$(sg_pid gateway)" --sandboxd "$(sg_pid sandboxd)" ||
    fail 'see above'
