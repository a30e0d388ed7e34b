#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: figures for Prometheus, whether the service is ready, and a number for
# each request.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product metrics
# shellcheck source=tests/regress/lib-dialect.sh
. "$here/lib-dialect.sh"

row '/readyz' 200 GET /readyz
row '/metrics' 200 GET /metrics
grep -qi '^content-type: text/plain; version=0.0.4' "$tmp/head" ||
    fail "$(cat "$tmp/head")"
# Every line is one of the format's, and every figure has its two lines of help.
bad=$(grep -vE '^# (HELP|TYPE) sandgate_[a-z_]+ .+|^sandgate_[a-z_]+(\{resource="[a-z_. -]+"\})? [0-9]+$' \
    "$tmp/answer" || true)
assert_eq 'lines that are none' "$bad" ''
diff <(sed -n 's/^\(sandgate_[a-z_]*\).*/\1/p' "$tmp/answer" | sort -u) \
    <(sed -n 's/^# TYPE \([a-z_]*\) gauge$/\1/p' "$tmp/answer" | sort) ||
    fail 'a figure without its type'
value() { sed -n "s/^sandgate_$1 //p" "$tmp/answer"; }
assert_eq 'sandboxd' "$(value sandboxd_up)" 1
before=$(value sandboxes)
id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'
row 'one more' 200 GET /metrics
[ "$(value sandboxes)" -ge "$before" ] ||
    fail "$(value sandboxes) with $id, $before before"
key=none
row 'of nobody' 401 GET /metrics
row 'of nobody' 401 GET /readyz
row 'health is for anybody' 200 GET /healthz
unset key

number() { tr -d '\r' <"$tmp/head" | sed -n 's/^X-Request-Id: //Ip'; }
row 'a failure' 404 GET /v1/sandboxes/sb_000000000000
first=$(number)
assert_match 'number' "$first" '^req_[0-9a-f]{24}$'
assert_eq 'the same in the body' "$(answer .error.request_id)" "$first"
row 'a success' 200 GET /v1/sandboxes
[ "$(number)" != "$first" ] || fail "two requests have one number, $first"
