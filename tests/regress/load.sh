#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: shells, commands, transfers and forwards at once, clients killed amid
# them: no error, and nothing is left. The long form is contrib/load.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

needs_product 'a look at our daemons'
/usr/bin/python3 -c 'import asyncssh' 2>/dev/null || skip 'no asyncssh'
SG_TIMEOUT=200 growth=4096
# The address sanitizer keeps what was freed for a while.
! grep -q __asan_init "$BUILD/bin/gateway-broker" || growth=65536
timeout "$SG_TIMEOUT" "$top/contrib/load" --ssh-config "$SG_SSH_CONFIG" \
    --host sandbox --host other --connections "${SG_CONNECTIONS:-8}" \
    --channels 24 --seconds "${SG_SECONDS:-20}" --processes 4 --killed 3 \
    --growth "$growth" --gateway "$(sg_pid gateway)" --sandboxd "$(sg_pid sandboxd)" ||
    fail 'see above'
