#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: the kernel does what a policy says, policies and packets at random.
# SG_SEED repeats a run, SG_CASES makes it longer.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
needs_product 'egress policies'

id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'
timeout 280 nsenter -n -t "$(init_of "$id")" /usr/bin/python3 \
    "$here/egress_property.py" "$SG_RUN/api.sock" "$id" \
    "${SG_SEED:-$RANDOM}" "${SG_CASES:-1000}"
