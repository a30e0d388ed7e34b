#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: a login that asks for it (sb_ID+why) is told on its standard error what was
# refused, once a destination, with the command that allows it; and no other is.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
needs_product 'egress policies'
internet_begin

id=$(sg create --egress "allow:$SERVER:443" 2>/dev/null)
at_exit 'sg destroy "$id"'
# Tries to connect to each HOST/PORT once it is told to, says what came of each,
# and goes when it is told to.
sg exec "$id" -- sh -c 'cat >tries' <<'END'
echo ready; read -r to
for one in $to $to; do
	(: <>"/dev/tcp/$one") 2>/dev/null && echo "reached $one"
done
echo over; read -r to
END
# login NAME: a login as that user name, whose shell reads $tmp/NAME.in.
login()
{
	mkfifo "$tmp/$1.in"
	sg_ssh -o LogLevel=ERROR -l "$1" sandbox \
	    bash tries <"$tmp/$1.in" >"$tmp/$1.out" \
	    2>"$tmp/$1.err" &
	at_exit "end_job $!"
}
login "$id+why"
exec 7>"$tmp/$id+why.in"
login "$id"
exec 8>"$tmp/$id.in"
sg_wait_for grep -q ready "$tmp/$id+why.out"
sg_wait_for grep -q ready "$tmp/$id.out"
echo "$SERVER2/8080 $SERVER/443 169.254.169.254/80 $SERVER6/443" >&7
sg_wait_for grep -q over "$tmp/$id+why.out"
told()
{
	[ "$(grep -c '^sandgate: blocked: ' "$tmp/$id+why.err")" -ge 3 ]
}
sg_wait_for told || fail "told: $(cat "$tmp/$id+why.err")"
assert_eq told "$(sort "$tmp/$id+why.err")" \
    "$(printf 'sandgate: blocked: tcp %s\n' \
	"$SERVER2:8080 by rule \"default\"; sandgate egress allow $id $SERVER2:8080" \
	'169.254.169.254:80 by rule "always": link-local is never allowed' \
	"[$SERVER6]:443 by rule \"default\"; sandgate egress allow $id [$SERVER6]:443" |
	sort)"
assert_eq output "$(cat "$tmp/$id+why.out")" \
    "$(printf '%s\n' ready "reached $SERVER/443" "reached $SERVER/443" over)"

# The command that is told allows it.
words=$(sed -n 's/.*; sandgate \(.*:8080\)$/\1/p' "$tmp/$id+why.err")
assert_match command "$words" '^egress allow '
# shellcheck disable=SC2086
sg $words >/dev/null
reaches "$id" tcp "$SERVER2" 8080

# Another login is told nothing, nor is what is begun by the API.
echo "$SERVER2/8081" >&8
sg_wait_for grep -q over "$tmp/$id.out"
sg_wait_for grep -q "$SERVER2:8081" "$tmp/$id+why.err"
assert_eq 'of another' "$(cat "$tmp/$id.err")" ''
assert_eq 'by the API' "$(sg exec "$id" -- bash -c \
    "(: <>/dev/tcp/$SERVER26/80) 2>/dev/null; echo no" 2>&1)" no
sg_wait_for grep -q "$SERVER26\\]:80" "$tmp/$id+why.err"
echo >&7
echo >&8
