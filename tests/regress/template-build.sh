#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: a recipe is built in a sandbox and published; what fails is named, and
# publishes nothing.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product templates

name=built-$RANDOM$RANDOM
at_exit "sg template rm $name"
cat >"$tmp/recipe" <<'END'
# Of local steps alone.
[template]
run = useradd -m worker && install -d -o worker /srv/place
run = echo "one step says $(id -u)"; echo "and this on stderr" >&2
run = printf '#!/bin/sh\nid -un >first; exec sleep 3600\n' >/usr/bin/first
run = chmod 755 /usr/bin/first; hostname >/srv/built-in
entrypoint = /usr/bin/first word
egress = deny
pids = 99
env = GREETING=hello there
user = worker
workdir = /srv/place
memory = 300M
END
sg template build "$name" --recipe "$tmp/recipe" >"$tmp/out" 2>"$tmp/err" ||
    fail "no build: $(cat "$tmp/err")"
assert_match 'what steps write is shown' "$(cat "$tmp/out")" 'one step says 0'
assert_match 'on both' "$(cat "$tmp/out")" 'and this on stderr'
assert_match 'its version' "$(tail -n 1 "$tmp/out")" '^tv_'
assert_match 'steps are told' "$(cat "$tmp/err")" 'step 4 of 4: run chmod'
assert_match 'its log' "$(sg template log "$name")" \
    'step 1 of 4.*one step says 0.*built in'
id=$(sg create --template "$name" 2>/dev/null)
at_exit "sg destroy $id"
in_it() { timeout 300 ssh -F "$SG_SSH_CONFIG" -l "$id" sandbox "$1"; }
assert_eq 'one of it' "$(in_it 'id -un; pwd; echo $GREETING')" \
    $'worker\n/srv/place\nhello there'
assert_match 'its memory' "$(sg get "$id" --json)" '"memory_bytes": 314572800'
assert_match 'its processes' "$(sg get "$id" --json)" '"pids": 99'
assert_match 'its egress' "$(sg egress show "$id")" 'default: deny(,|$)'
starts() { in_it 'grep -x worker first && rm first' >/dev/null; }
sg_wait_for starts || fail "its entrypoint: $(sg ps "$id")"
assert_match 'its entrypoint' "$(sg ps "$id")" 'entrypoint +worker +running'
sg stop "$id"
sg_wait_for starts || fail "its entrypoint after a wake: $(sg ps "$id")"
builder=$(in_it 'cat /srv/built-in')
sg list --json | grep -q "$builder" && fail 'the builder is left'

# What fails names its step and leaves the version that there is.
before=$(sg template show "$name" | grep '^version')
# fails RECIPE-LINES REGEX
fails()
{
	printf '[template]\n%b\n' "$1" >"$tmp/recipe"
	status=0
	sg template build "$name" --recipe "$tmp/recipe" >"$tmp/out" \
	    2>"$tmp/err" || status=$?
	assert_eq "status of $1" "$status" 1
	assert_match "$1" "$(tail -n 1 "$tmp/err")" "$2"
}
fails 'run = true\nrun = exit 7\nrun = true' 'step 2 of 3 \(run exit 7\).*status 7'
fails 'step_timeout = 1s\nrun = sleep 600 & sleep 600' \
    'step 1 of 1.*longer than its step_timeout of 1 s'
fails 'colour = red' 'recipe:2: colour: no such key; there are parent'
fails 'packages = a; reboot' 'recipe:2: packages: not names'
fails 'parent = nothing-like-it\nrun = true' 'there is no "nothing-like-it"'
assert_eq 'the version' "$(sg template show "$name" | grep '^version')" "$before"
assert_eq 'builders' "$(sg list --json | grep -c '"name": "build-')" 0

# The recipes that are shipped are ones.
for recipe in "$top"/etc/templates/*.ini; do
	sg --socket "$tmp/nowhere" template build x --recipe "$recipe" \
	    >"$tmp/out" 2>&1 && fail "built with no service"
	assert_match "$recipe" "$(cat "$tmp/out")" 'cannot reach the API'
done
