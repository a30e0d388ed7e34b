#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: gateway-broker killed: it comes back by itself, and sessions go on.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product daemons

remember
work_begin
broker=$(gateway_child gateway-broker)
kill_hard "$broker"
sg_wait_for another_gateway_child gateway-broker "$broker" ||
    fail 'no new broker'
work_end
all_is_well
