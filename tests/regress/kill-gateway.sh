#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: the gateway killed: shells and uploads go on, and all is found again.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product daemons

remember
work_begin
kill_hard "$(sg_pid gateway)"
# What it led ends with it; sessions do not.
sg_start gateway
work_end
all_is_well
