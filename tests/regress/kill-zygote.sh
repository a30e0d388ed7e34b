#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: the zygote killed: it comes back by itself, and sessions go on.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product daemons

remember
work_begin
zygote=$(gateway_child gateway-session)
kill_hard "$zygote"
sg_wait_for another_gateway_child gateway-session "$zygote" ||
    fail 'no new zygote'
work_end
all_is_well
