#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: all daemons killed at once: sessions go on, and all is found again.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product daemons

remember
work_begin
daemons=("$(sg_pid sandboxd)" "$(sg_pid gateway)")
for name in gateway-broker gateway-session gateway-http gateway-lobby \
    gateway-proxy gateway-resolve; do
	daemons+=("$(gateway_child $name)")
done
kill_hard "${daemons[@]}"
sg_start sandboxd
sg_start gateway
work_end
all_is_well
