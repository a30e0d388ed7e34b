#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: without the operator's word no sandbox nests: not by its maker's wish, by
# its template's, or because it did so before; who asks is told whose word it is.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product nesting

restart_sandboxd()
{
	sg_stop sandboxd
	sg_start sandboxd
	sg_wait_api || fail 'no answer'
}
id=$(sg create --nesting 2>/dev/null)
at_exit 'sg destroy "$id"'
assert_eq 'it nests' "$(sg exec "$id" -- unshare -Ur id -u)" 0
fork=$(sg fork "$id" 2>/dev/null)
at_exit 'sg destroy "$fork"'
assert_eq 'so does a fork' "$(sg get "$fork" --json | jq .nesting)" true
sg stop "$id" >/dev/null
# So does what is made of a template that says so.
terms=$SG_STATE/templates/base/template.conf
{
	cat "$terms"
	echo 'nesting = yes'
} >"$tmp/terms"
at_exit 'umount "$terms"'
mount --bind "$tmp/terms" "$terms"
made=$(sg create 2>/dev/null)
at_exit 'sg destroy "$made"'
assert_eq 'by its template' "$(sg exec "$made" -- unshare -Ur id -u)" 0

cp "$SG_CONF" "$tmp/conf"
at_exit 'cp "$tmp/conf" "$SG_CONF"; restart_sandboxd'
sed -i 's/allow_nesting = yes/allow_nesting = no/' "$SG_CONF"
restart_sandboxd
why="the operator does not allow it (allow_nesting of [sandboxd] is no)"
assert_eq 'by the command line' "$(status_of sg create --nesting 2>"$tmp/err")" 1
assert_match 'by the command line' "$(cat "$tmp/err")" 'nesting: the operator does.*allow_nesting'
curl -sS -m 60 --unix-socket "$SG_RUN/api.sock" -o "$tmp/answer" \
    -w '%{http_code}' -H 'Content-Type: application/json' \
    -d '{"nesting": true}' http://x/v1/sandboxes >"$tmp/code"
assert_eq 'by the API' "$(cat "$tmp/code")" 403
grep -qF "$why" "$tmp/answer" || fail "by the API: $(cat "$tmp/answer")"
assert_match 'by the lobby' "$(sg_ssh -l ctl bare -i "$SG_KEY" \
    create --nesting 2>&1 || true)" 'nesting: .*allow_nesting'
assert_match 'by its template' "$(sg create 2>&1 || true)" allow_nesting
umount "$terms"
# One that was made so does not start again; one that runs goes on.
assert_match 'one that is' "$(sg exec "$id" -- true 2>&1 || true)" allow_nesting
assert_eq 'one that runs' "$(sg exec "$fork" -- echo on)" on
assert_match 'a fork of it' "$(sg fork "$fork" 2>&1 || true)" allow_nesting
# Others are as before, and are refused inside as docs/clients/ says.
plain=$(sg create 2>/dev/null)
at_exit 'sg destroy "$plain"'
said=$(sg exec "$plain" -- unshare -U true 2>&1 || true)
assert_match 'inside' "$said" 'Operation not permitted'
grep -F 'user namespaces' "$top/docs/clients/differences.md" |
    grep -F 'Operation not permitted' | grep -qF 'allow_nesting = yes' ||
    fail 'docs/clients/differences.md does not name it'
