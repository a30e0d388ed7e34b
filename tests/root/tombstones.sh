#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Issue 7: what is remembered of a destroyed sandbox, for whom, and for how
# long; whatever was killed meanwhile.
. "$(dirname "$0")/instance.sh"
foreign() { timeout 20 "$build/tests/rpcctl" "$work/run/sandboxd.sock" evil "$@" 2>&1; }
state() { rpc recall "$1" 2>&1 | head -1 | cut -d' ' -f2; }
cause() { rpc recall "$1" 2>&1 | sed -n 's/^[^ ]* ended: //p'; }
wait_for() { # STATE ID
	for _ in $(seq 200); do
		[ "$(state "$2")" = "$1" ] && return
		sleep 0.05
	done
	fail "$2 is $(state "$2"), not $1"
}
configure
start
one=$(create name=one)
check running "$(state "$one")" "of one that lives"
rpc destroy "$one"
check destroyed "$(state "$one")" "once it is answered"
check "destroyed by rpcctl" "$(cause "$one")" cause
check "" "$(rpc list)" "list"
check "$one" "$(rpc destroyed | head -1 | cut -d' ' -f1)" "list of destroyed"
rpc get "$one" >/dev/null 2>&1 && fail "get finds it"
rpc attach "$one" >/dev/null 2>&1 && fail "attach finds it"
rpc destroy "$one" >/dev/null 2>&1 && fail "destroyed twice"

# nobody else's, in no other words than what never was
check "$(foreign recall sb_000000000000)" "$(foreign recall "$one")" foreign
check "" "$(foreign destroyed)" "foreign list"

# it holds no name and no slot: the next one gets the same
two=$(create name=one)
check "$(rpc recall "$two" | cut -d' ' -f4)" \
    "$(rpc list | cut -d' ' -f4)" "address of the only one"

# sandboxd dies at any moment of a destroy: it ends, and its cause is kept
for delay in 0.005 0.01 0.02 0.04; do
	three=$(create)
	rpc destroy "$three" >/dev/null 2>&1 &
	sleep $delay
	stop KILL
	start
	case $(state "$three") in
	running | suspended) rpc destroy "$three" ;;
	esac
	wait_for destroyed "$three"
	check "destroyed by rpcctl" "$(cause "$three")" "cause after a kill"
done
check destroyed "$(state "$one")" "of the first"
rpc destroy "$two"

# a create that fails says why
stop
configure fail_at=5
start
words=$(rpc create name=unlucky 2>&1) && fail "a create went well"
four=$(rpc destroyed | grep ' unlucky ' | cut -d' ' -f1)
check destroyed "$(state "$four")" "of a failed create"
case $(cause "$four") in
failed:*fail_at=5*) ;;
*) fail "cause of a failed create: $(cause "$four"), and was told $words" ;;
esac
check "" "$(rpc list)" "list"
stop

# nobody came; and the host went down with all on it, as far as the row can
# tell: another boot, and no such process
configure ephemeral_linger=600
start
five=$(create ephemeral=1)
six=$(create ephemeral=1)
seven=$(create)
stop KILL
init() { sed -n "s/.*moved id=$1 .*to=running pid=//p" "$work/log" | tail -1; }
kill -9 "$(init "$six")" "$(init "$seven")"
python3 - "$work/state/registry.db" "$six" "$seven" <<END
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE sandboxes SET boot_id = 'another' WHERE id IN (?, ?)",
    sys.argv[2:])
db.commit()
END
configure ephemeral_linger=1
start
wait_for destroyed "$five"
wait_for destroyed "$six"
wait_for suspended "$seven"
check "ephemeral, and nobody was connected" "$(cause "$five")" "left alone"
check "lost with the host" "$(cause "$six")" "after a reboot"
rpc destroy "$seven"
stop

# a tombstone that cannot be written: the destroy fails, the slot stays taken,
# and asked again, it goes
configure
start
database() { # SQL
	python3 - "$work/state/registry.db" "$1" <<END
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute(sys.argv[2])
db.commit()
END
}
eight=$(create)
database "CREATE TRIGGER no BEFORE INSERT ON tombstones BEGIN
    SELECT RAISE(ABORT, 'no tombstones'); END"
words=$(rpc destroy "$eight" 2>&1) && fail "destroyed without a tombstone"
case $words in
*"no tombstones"*) ;;
*) fail "a destroy that failed says $words" ;;
esac
check destroying "$(state "$eight")" "without a tombstone"
nine=$(create) || fail "its slot collides"
check running "$(state "$nine")" "of the next one"
database "DROP TRIGGER no"
rpc destroy "$eight"
check destroyed "$(state "$eight")" "asked again"
rpc destroy "$nine"
stop

# its time is over
configure tombstone_keep=1
start
sleep 1.5
check "" "$(rpc destroyed)" "after tombstone_keep"
rpc recall "$one" >/dev/null 2>&1 && fail "recalled after its time"
stop
configure tombstone_keep=0
start
last=$(create)
rpc destroy "$last"
rpc recall "$last" >/dev/null 2>&1 && fail "kept for no time"
check "" "$(remains)" "remains"
echo passed
