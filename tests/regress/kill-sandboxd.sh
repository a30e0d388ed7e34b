#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: sandboxd killed: shells and uploads go on, and all is found again.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product daemons

remember
work_begin
kill_hard "$(sg_pid sandboxd)"
# Without it, sessions that are there open further channels.
sg_start sandboxd
work_end
all_is_well
