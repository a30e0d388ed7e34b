#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: 64 MiB of random bytes pass unchanged, in and out.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

random_file $((64 << 20)) "$tmp/data"
wanted=$(sha <"$tmp/data")
assert_eq 'through standard input' \
    "$(sg_ssh sandbox 'sha256sum | cut -d" " -f1' <"$tmp/data")" "$wanted"
assert_eq 'in and out again' "$(sg_ssh sandbox cat <"$tmp/data" | sha)" \
    "$wanted"
sg_ssh sandbox 'cat >stream.bin' <"$tmp/data"
at_exit 'sg_ssh sandbox rm -f stream.bin'
assert_eq 'through standard output' "$(sg_ssh sandbox cat stream.bin | sha)" \
    "$wanted"
assert_eq 'through standard error' \
    "$(sg_ssh sandbox 'cat stream.bin >&2' 2>&1 >/dev/null | sha)" "$wanted"
