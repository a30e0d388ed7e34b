#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: `sandgate run` is a sandbox for one command, and gone with it, however
# that ends; `sandgate port-forward` leads into one until it ends.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the command line'

# gone NAME: nothing of that name is there, or on its way out.
gone()
{
	[ "$(sg list --json | jq -r --arg name "$1" \
	    '[.sandboxes[] | select(.name == $name)] | length')" = 0 ]
}

assert_eq 'its output' "$(sg run --name "run-$$" --env WORD=there -- \
    sh -c 'echo $WORD; echo err >&2' 2>"$tmp/err")" there
assert_eq 'its errors' "$(cat "$tmp/err")" err
gone "run-$$" || fail 'it stays after its command'
assert_eq 'arguments' "$(sg run base -- printf '%s|' 'a b' "c'd" '$x')" \
    "a b|c'd|\$x|"
assert_eq 'its input' "$(seq 1000 | sg run -i --rm -- sha256sum)" \
    "$(seq 1000 | sha256sum)"
for code in 3 255; do
	assert_eq "exit $code" "$(status_of sg run -- sh -c "exit $code")" \
	    "$code"
done
assert_eq 'a terminal' "$(script -qec "'$BUILD/bin/sandgate' --socket \
    '$SG_RUN/api.sock' run -it -- tty" /dev/null </dev/null | grep -o '/dev/pts/[0-9]*')" \
    /dev/pts/0
assert_eq 'its user' "$(sg run --root -- id -un)" root
assert_eq 'no template' "$(status_of sg run absent -- true 2>/dev/null)" 1
assert_eq 'no command' "$(status_of sg run 2>/dev/null)" 2
assert_eq 'both' "$(status_of sg run --keep --rm -- true 2>/dev/null)" 2

kept=$(sg run --keep -- true 2>&1)
at_exit 'sg destroy "$kept"'
assert_eq 'one that is kept' "$(sg exec "$kept" -- echo in)" in

# Told to end, or left without a terminal, it takes the sandbox along; killed,
# the sandbox is nobody's and goes by itself.
for signal in INT TERM HUP KILL; do
	name=run-$$-$(echo "$signal" | tr '[:upper:]' '[:lower:]')
	# A job of its own, as of a terminal, where INT is not ignored.
	python3 -c 'import os, signal, sys
os.setpgid(0, 0)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$BUILD/bin/sandgate" \
	    --socket "$SG_RUN/api.sock" run --name "$name" -- \
	    sh -c 'echo began; sleep 600' >"$tmp/out" 2>"$tmp/err" &
	job=$!
	sg_wait_for grep -q began "$tmp/out" || fail "$signal: it did not begin"
	if [ "$signal" = INT ]; then
		kill -INT -- "-$job"
	else
		kill "-$signal" "$job"
	fi
	status=0
	wait "$job" || status=$?
	[ "$status" != 0 ] || fail "$signal: it ended well"
	[ "$signal" = KILL ] || gone "$name" || fail "$signal: it stays"
	sg_wait_for gone "$name" || fail "$signal: it stays"
done

# forward [WORD...]: begins one; the address in $address.
forward()
{
	: >"$tmp/told"
	sg port-forward "$kept" "$@" >"$tmp/told" 2>"$tmp/err" &
	forwarding=$!
	sg_wait_for grep -q . "$tmp/told" || fail "no forward: $(cat "$tmp/err")"
	address=$(sed -n 's/ ->.*//p' "$tmp/told")
}

sg exec "$kept" -d -- sh -c 'cd /tmp && echo served >page &&
    exec python3 -m http.server 8123' >/dev/null
forward :8123
at_exit 'end_job "$forwarding"'
assert_match 'told' "$(cat "$tmp/told")" "^127\.0\.0\.1:[0-9]+ -> $kept:8123\$"
sg_wait_for curl -fsS -o "$tmp/page" "http://$address/page"
assert_eq 'a page' "$(cat "$tmp/page")" served
assert_eq 'one that is taken' "$(status_of sg port-forward "$kept" \
    "$address:8123" 2>/dev/null)" 255
child=$(pgrep -P "$forwarding" | head -n 1)
kill -TERM "${child:-$forwarding}"
status=0
wait "$forwarding" || status=$?
assert_eq 'its end' "$status" 0
curl -fsS "http://$address/page" >/dev/null 2>&1 && fail 'it goes on'
for word in 0 70000 x:80 'a b:1:80' '$(id):1:80'; do
	assert_eq "$word" "$(status_of sg port-forward "$kept" "$word" \
	    2>/dev/null)" 2
done
# Who uses most is first; on a terminal it goes on until it is interrupted.
assert_eq 'top' "$(sg top --json | jq -r '[.metrics[].cpu.used] |
    . == (sort | reverse)')" true
assert_eq 'no such order' "$(status_of sg top --sort odd 2>/dev/null)" 2
script -qefc "exec '$BUILD/bin/sandgate' --socket '$SG_RUN/api.sock' top \
    --every 1s" /dev/null </dev/null >"$tmp/screen" 2>&1 &
# shellcheck disable=SC2034 # at the end
screen=$!
at_exit 'end_job "$screen"'
looked_twice()
{
	[ "$(grep -c MEMORY "$tmp/screen")" -ge 2 ]
}
sg_wait_for looked_twice || fail 'top looks but once'
echo 'run and port-forward leave nothing'
