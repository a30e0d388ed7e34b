#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: the kernel does what a policy says, policies and packets at random, and
# names that are looked up. SG_SEED repeats a run, SG_CASES makes it longer.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
# shellcheck source=tests/regress/lib-names.sh
. "$here/lib-names.sh"
needs_product 'egress policies'

id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'
seed=${SG_SEED:-$RANDOM} cases=${SG_CASES:-5000}
timeout 1150 nsenter -n -t "$(init_of "$id")" /usr/bin/python3 \
    "$here/egress_property.py" "$SG_RUN/api.sock" "$id" "$seed" "$cases"

internet_begin
names_begin
timeout 1150 nsenter -n -t "$(init_of "$id")" /usr/bin/python3 \
    "$here/egress_property_names.py" "$SG_RUN/api.sock" "$id" "$seed" \
    "$cases" "$DNS,$DNS6" "$zone"
