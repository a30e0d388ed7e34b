#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: a name that no rule covers is told to the log and to a login that asks,
# once, with the command that allows it; one that is covered is not.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
# shellcheck source=tests/regress/lib-names.sh
. "$here/lib-names.sh"
needs_product 'egress policies'
internet_begin
names_begin
cat >"$zone" <<-END
	git.example A 60 $SERVER
	other.example A 60 $SERVER2
END

# told ID NAME: by which rule, as often as it was.
told()
{
	curl -sS --unix-socket "$SG_RUN/api.sock" \
	    "http://localhost/v1/sandboxes/$1/egress/log?limit=128" |
	    jq -r ".denials[] | select(.protocol == \"name\" and
	    .destination == \"$2\") | \"\\(.rule) \\(.why)\""
}
is_told()
{
	[ -n "$(told "$@")" ]
}
# finds ID NAME, and its opposite
finds()
{
	sg exec "$1" -- getent hosts "$2" >/dev/null
}
id=$(sg create --egress "allow:git.example:443,*.google:443" 2>/dev/null)
free=$(sg create --egress "allow:git.example:443,*:53" 2>/dev/null)
at_exit 'sg destroy "$id" "$free"'
finds "$id" git.example || fail 'git.example is not found'
finds "$free" other.example || fail 'other.example is not found'

begun=$SECONDS
mkfifo "$tmp/in"
sg_ssh -o LogLevel=ERROR -l "$id+why" sandbox cat <"$tmp/in" >"$tmp/out" \
    2>"$tmp/err" &
at_exit "end_job $!"
exec 7>"$tmp/in"
echo ready >&7
sg_wait_for grep -q ready "$tmp/out" || fail 'no login'
for name in Other.Example other.example. dns.google other.example; do
	! finds "$id" "$name" || fail "$name is found"
done
sg_wait_for is_told "$id" other.example || fail 'not told'
sg_wait_for is_told "$id" dns.google || fail 'not told of encrypted DNS'
assert_eq once "$(told "$id" other.example)" 'default null'
assert_eq always "$(told "$id" dns.google)" 'always it serves encrypted DNS'
assert_match shown "$(sg egress log "$id")" \
    'name other\.example by rule default'
assert_match event "$(sg events "$id" --kind denied)" \
    'denied +host: name other\.example by rule "default"'
assert_eq 'what is covered' "$(told "$id" git.example)" ''
assert_eq 'of who may ask' "$(told "$free" other.example)" ''
assert_eq 'never asked' "$(asked dns.google)" 0

is_said()
{
	grep -qF "blocked: name other.example by rule \"default\"; sandgate $*" \
	    "$tmp/err"
}
words=(egress allow "$id" other.example)
sg_wait_for is_said "${words[@]}" || fail "not said: $(cat "$tmp/err")"
assert_eq 'said once' "$(grep -c other.example "$tmp/err")" 1
sg "${words[@]}" >/dev/null
finds "$id" other.example || fail 'not found, though allowed'

# At most 64 a minute, which a resolver that comes again does not change.
seq -f 'n%g.example' 100 | sg exec "$id" -- sh -c \
    'cat >names; xargs -n1 getent hosts <names; true'
sg_wait_for is_told "$id" n9.example
kill -9 "$(sg_children "$(sg_pid gateway)" gateway-resolve)"
sg_wait_for finds "$id" git.example || fail 'no names after a death'
sg exec "$id" -- sh -c 'xargs -n1 getent hosts <names; true'
n=$(curl -sS --unix-socket "$SG_RUN/api.sock" \
    "http://localhost/v1/sandboxes/$id/egress/log?limit=128" |
    jq '[.denials[] | select(.protocol == "name")] | length')
# On a machine so slow that it was another minute there were as many again.
[ "$n" -le 64 ] || [ $((SECONDS - begun)) -ge 60 ] || fail "$n were told"
echo >&7
