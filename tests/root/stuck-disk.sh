#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Issue 7: while a write of the registry is stuck in fsync, sandboxd goes on:
# it lists, shows, lets in and remembers; what promises that a row lasts, and
# that alone, waits. Nothing here is a matter of time: it is all asked while
# the write is still held.
. "$(dirname "$0")/instance.sh"
preload=$build/tests/libstuck-disk.so
[ -e "$preload" ] || { echo "no $preload"; exit 77; }
gate=$work/gate
cat >"$work/sandboxd" <<END
#!/bin/sh
export STUCK_DISK=$gate LD_PRELOAD=$preload
export ASAN_OPTIONS=verify_asan_link_order=0
exec $sandboxd "\$@"
END
chmod +x "$work/sandboxd"
plain=$sandboxd
sandboxd=$work/sandboxd
held() { [ -e "$gate.held" ] || fail "the write is not held: $1"; }
wait_until() { # WORDS COMMAND...
	words=$1
	shift
	for _ in $(seq 400); do
		"$@" && return
		sleep 0.05
	done
	fail "$words"
}
configure
start
one=$(create name=one)
two=$(create name=two)
old=$(create)
rpc destroy "$old"

touch "$gate"
rpc destroy "$two" &
destroy=$!
wait_until "no write is held" test -e "$gate.held"
rpc list | grep -q "^$one running" || fail "list: $(rpc list)"
rpc list | grep -q "^$two destroying" || fail "list: $(rpc list)"
check running "$(rpc get "$one" | cut -d' ' -f2)" get
check in "$(rpc exec "$one" 'echo in')" "exec by a new attach"
check destroyed "$(rpc recall "$old" | head -1 | cut -d' ' -f2)" recall
held "after list, get, exec and recall"
kill -0 $destroy || fail "destroyed before its row was durable"

# a create comes as far as to run, and is not acknowledged
rpc create name=three >"$work/three" 2>&1 &
create=$!
runs() { rpc list | grep -q '^sb_[^ ]* running [^ ]* [^ ]* three '; }
wait_until "the third does not run" runs
rpc list >/dev/null
[ -s "$work/three" ] && fail "acknowledged before its row was durable"
check in "$(rpc exec "$one" 'echo in')" "exec"
held "after the create"

rm "$gate"
wait $destroy || fail "destroy failed"
wait $create || fail "create failed: $(cat "$work/three")"
check destroyed "$(rpc recall "$two" | head -1 | cut -d' ' -f2)" "the second"
three=$(cut -d' ' -f1 "$work/three")
check three "$(rpc exec "$three" 'echo three')" "exec in the third"

# killed while it is stuck: what was not acknowledged is undone or whole
touch "$gate"
rpc destroy "$three" >/dev/null 2>&1 &
wait_until "no write is held" test -e "$gate.held"
stop KILL
rm -f "$gate" "$gate.held"
start
case $(rpc recall "$three" | head -1 | cut -d' ' -f2) in
running) rpc destroy "$three" ;;
esac
gone() { rpc recall "$three" | grep -q " destroyed "; }
wait_until "the third stays" gone
check alive "$(rpc exec "$one" 'echo alive')" "the first, after a kill"

# an orderly end writes what is queued
rpc destroy "$one"
stop
sandboxd=$plain
start
check "" "$(rpc list)" "list at the end"
check "" "$(remains)" "remains"
echo passed
