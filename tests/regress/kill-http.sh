#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: gateway-http killed: it comes back by itself.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product daemons

remember
http=$(gateway_child gateway-http)
kill_hard "$http"
sg_wait_for another_gateway_child gateway-http "$http" ||
    fail 'no new gateway-http'
all_is_well
