#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Issue 7: while a write of the registry is stuck in fsync, sandboxd goes on:
# it lists, shows, lets in and remembers; what promises that a row lasts, and
# that alone, waits. Nothing here is a matter of time: it is all asked, and
# answered, while the write is still held; how soon is said, and not judged.
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
now_us() { echo $(($(date +%s%N) / 1000)); }
soon() { # WORDS COMMAND...: its output, and on standard error how soon
	words=$1 since=$(now_us)
	shift
	"$@"
	echo "$words: $(($(now_us) - since)) us" >&2
}
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

soon "free, list" rpc list >/dev/null
soon "free, get" rpc get "$one" >/dev/null
soon "free, attach and echo" rpc exec "$one" 'echo in' >/dev/null
soon "free, recall" rpc recall "$old" >/dev/null
touch "$gate"
rpc destroy "$two" &
destroy=$!
wait_until "no write is held" test -e "$gate.held"
list=$(soon "stuck, list" rpc list)
echo "$list" | grep -q "^$one running" || fail "list: $list"
echo "$list" | grep -q "^$two destroying" || fail "list: $list"
held "after list"
check running "$(soon "stuck, get" rpc get "$one" | cut -d' ' -f2)" get
held "after get"
check in "$(soon "stuck, attach and echo" rpc exec "$one" 'echo in')" \
    "exec by a new attach"
held "after an attach"
recall=$(soon "stuck, recall" rpc recall "$old")
check destroyed "$(echo "$recall" | head -1 | cut -d' ' -f2)" recall
held "after recall"
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
