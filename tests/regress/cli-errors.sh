#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: bad input is refused in one line that names the field.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product "the command line"

# refuses FIELD ARGUMENT...
refuses()
{
	local field=$1 status=0

	shift
	sg "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
	[ "$status" = 1 ] || [ "$status" = 2 ] || fail "$*: exit $status"
	assert_eq "$*: stdout" "$(cat "$tmp/out")" ''
	assert_match "$*" "$(head -n 1 "$tmp/err")" "^sandgate: .*$field"
	assert_eq "$*: lines" "$(grep -c '^sandgate: ' "$tmp/err")" 1
}
refuses memory create --memory lots
refuses memory create --memory 1K
refuses memory create --memory 900T
refuses memory create --memory -1M
refuses cpu create --cpus 0
refuses cpu create --cpus 100000
refuses pids create --pids 0
refuses pids create --pids 3.5
refuses disk create --disk 12X
refuses template create --template no-such-template
refuses template create --template ../../etc
refuses name create --name 'two words'
refuses name create --name "$(printf '%070d' 0)"
refuses env create --env =value
refuses env create --env 'A-B=1'
refuses 'bogus' create --bogus
refuses 'id|sandbox' get
refuses nonsense get nonsense
refuses '../x' get ../x
refuses 'command' exec "$SG_SANDBOX"
refuses 'frobnicate' frobnicate
assert_match 'a suggestion' "$(sg creat 2>&1)" create
assert_eq 'usage is 2' "$(status_of sg create --bogus 2>/dev/null)" 2
assert_eq 'no daemon' "$(status_of "$BUILD/bin/sandgate" --socket \
    "$tmp/none" list 2>"$tmp/err")" 1
assert_match 'no daemon' "$(cat "$tmp/err")" \
    "^sandgate: .* $tmp/none: No such file or directory; .*service.*--socket"
touch "$tmp/file"
assert_eq 'nobody listens' "$(status_of "$BUILD/bin/sandgate" --socket \
    "$tmp/file" list 2>"$tmp/err")" 1
assert_match 'nobody listens' "$(cat "$tmp/err")" \
    "^sandgate: .* $tmp/file: Connection refused; is the service running"
cp "$BUILD/bin/sandgate" "$tmp/"
# As a user who is neither its owner nor of its group.
chown nobody:daemon "$tmp/file"
chmod 0660 "$tmp/file"
assert_match 'not for everybody' "$(setpriv --clear-groups \
    --bounding-set -dac_override,-dac_read_search "$tmp/sandgate" \
    --socket "$tmp/file" list 2>&1)" \
    '^sandgate: .*Permission denied; use sudo, or join group daemon '
assert_eq 'its name, once' "$(sg get nonsense 2>&1)" \
    'sandgate: nonsense: no such sandbox'
