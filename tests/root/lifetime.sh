#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Issue 9: what a sandbox does by itself, in real time, scaled to seconds; never
# early, whoever was killed meanwhile. How late is a unit test's business.
. "$(dirname "$0")/instance.sh"
state() { rpc times "$1" | cut -d' ' -f1; }
expires() { rpc times "$1" | cut -d' ' -f2; }
now() { date +%s%3N; }
reason() { rpc get "$1" | sed -n 's/.* because: //p'; }
# becomes STATE ID DEADLINE: and is running, or BEFORE, until then.
becomes() { # STATE ID DEADLINE_MS [BEFORE]
	for _ in $(seq 1200); do
		is=$(state "$2") at=$(now)
		if [ "$is" = "$1" ]; then
			[ "$at" -ge "$3" ] || fail "$2: $1 before its time"
			return
		fi
		sleep 0.05
	done
	fail "$2 is $is, not $1"
}
refused() { # WORDS CREATE-ARGUMENT...
	words=$1
	shift
	! rpc create "$@" >/dev/null 2>"$work/words" || fail "made: $*"
	grep -qF "$words" "$work/words" ||
		fail "\"$words\" is not in: $(cat "$work/words")"
}

configure pause_keep=2 ttl_max=1h hard_ttl_max=1d suspend_grace=1
start
refused "ttl: 3601 s is more than ttl_max, 3600 s" ttl=3601
refused "hard_ttl: 86401 s is more than hard_ttl_max, 86400 s" hard=86401
refused "ttl: 60 s is more than its hard_ttl, 30 s" ttl=60 hard=30
refused 'on_expiry: "explode" is not pause, suspend, clean or destroy' \
	ttl=1 expiry=explode
capped=$(create)
[ "$(expires "$capped")" -gt "$(now)" ] || fail "no ttl under a maximum"
rpc destroy "$capped"
stop
configure suspend_grace=1
start

# The timeline of the seed, a second for every 150 of it. (An exec would resume
# it; a get does not.)
one=$(create ttl=2 hard=24)
first=$(expires "$one")
becomes paused "$one" "$first"
check "its ttl was over" "$(reason "$one")" reason
sleep 0.5
check paused "$(state "$one")" "after some gets"
rpc refresh "$one" >/dev/null
# At once: it is for two seconds.
read -r is second hard rest <<-END
	$(rpc times "$one")
END
check running "$is" "refreshed"
[ "$second" -gt "$first" ] || fail "not later: $first, then $second"
becomes paused "$one" "$second"

# A renewal that races the end of the ttl: it lives and has the time anew, or it
# is gone for its ttl and nobody was told otherwise.
for n in 1 2 3 4 5 6 7 8; do
	racer=$(create ttl=1 expiry=destroy)
	due=$(expires "$racer")
	until [ "$(now)" -ge $((due - 12 + 2 * n)) ]; do :; done
	if rpc refresh "$racer" >/dev/null 2>"$work/words"; then
		read -r is ends rest <<-END
			$(rpc times "$racer")
		END
		[ "$ends" -ge $((due + 980)) ] ||
			fail "renewed, and ends at $ends, not after $due: $rest"
		check running "$is" "renewed at the last moment"
		rpc destroy "$racer"
		continue
	fi
	grep -q "$racer\|no such sandbox" "$work/words" ||
		fail "words: $(cat "$work/words")"
	for _ in $(seq 200); do
		rpc get "$racer" >/dev/null 2>&1 || break
		sleep 0.05
	done
	rpc recall "$racer" | grep -q 'ended: destroyed: its ttl was over' ||
		fail "refused, and then: $(rpc recall "$racer")"
done

# Meanwhile, the others: what expiry does is its own.
two=$(create ttl=1 expiry=destroy)
three=$(create ttl=1 expiry=suspend)
four=$(create ttl=1 expiry=clean)
five=$(create ttl=3 expiry=pause)
rpc exec "$four" 'echo kept >/root/file'
becomes suspended "$three" "$(rpc get "$three" >/dev/null; echo 0)"
becomes cleaned "$four" 0
for _ in $(seq 200); do
	rpc get "$two" >/dev/null 2>&1 || break
	sleep 0.05
done
rpc recall "$two" | grep -q 'ended: destroyed: its ttl was over' ||
	fail "tombstone: $(rpc recall "$two")"

# Killed before it is due, and started after: it is done then, once.
stop KILL
sleep 3
start
becomes paused "$five" 0
rpc exec "$five" true
[ "$(expires "$five")" -gt "$(now)" ] || fail "resumed without a ttl"
! rpc refresh "$four" >/dev/null 2>"$work/words" || fail "refreshed when cleaned"
grep -q "$four is cleaned: it has no time to renew" "$work/words" ||
	fail "words: $(cat "$work/words")"
check kept "$(rpc exec "$four" 'cat /root/file')" "the disk of a cleaned one"
! rpc refresh "$five" 315360001 2>/dev/null || fail "ten years and a second"
rpc refresh "$five" 1000 >/dev/null
[ "$(expires "$five")" -gt $(($(now) + 900000)) ] || fail "not that long"

# Unused: an exec that goes on is use, and so is what it was used last.
six=$(create idle=2)
rpc exec "$six" 'sleep 4'
ended=$(now)
becomes suspended "$six" "$((ended + 1000))"
check "it was not used for its idle_timeout" "$(reason "$six")" reason
rpc exec "$six" true

# power_state counts what was desired.
rpc pause "$five" >/dev/null
check "paused/ paused/ stable" "$(rpc times "$five" | cut -d' ' -f6- |
	sed 's|/[0-9]*|/|g')" power_state
desired=$(rpc times "$five" | cut -d' ' -f6)
check "$desired" "$(rpc times "$five" | cut -d' ' -f7)" generations
rpc resume "$five" >/dev/null
[ "$(rpc times "$five" | cut -d/ -f2 | cut -d' ' -f1)" -gt "${desired#*/}" ] ||
	fail "the generation did not grow"

becomes cleaned "$one" "$hard"
check "its hard_ttl was over" "$(reason "$one")" reason

# What is paused for too long is suspended; also where the clock was another
# sandboxd's.
stop
configure pause_keep=2 suspend_grace=1
start
rpc pause "$five" >/dev/null
stop KILL
start
becomes suspended "$five" 0
check "it was paused for pause_keep" "$(reason "$five")" reason

# A host that wants memory back takes it from those, the longest paused first,
# and from nobody else.
seven=$(create)
eight=$(create)
nine=$(create)
rpc pause "$eight" >/dev/null
rpc pause "$seven" >/dev/null
stop KILL
configure demote_below=1024T suspend_grace=1
start
until [ "$(state "$eight")" = suspended ]; do
	check paused "$(state "$seven")" "paused after it, before a restart"
	sleep 0.02
done
becomes suspended "$seven" 0
rpc resume "$seven" >/dev/null
rpc resume "$eight" >/dev/null
rpc pause "$eight" >/dev/null
rpc pause "$seven" >/dev/null
becomes suspended "$seven" 0
check suspended "$(state "$eight")" "who was paused first"
check "the host had little memory left (demote_below)" "$(reason "$seven")" reason
check running "$(state "$nine")" "who is not paused"

# So does what wants the rest of what all sandboxes may have together, and gets
# it.
stop
configure suspend_grace=1
start
all=$(find_groups -maxdepth 3 -path "*/sandgate$tag/memory.max" -o \
	-maxdepth 3 -path "*/sandgate$tag/memory.limit_in_bytes")
echo 400M >"$all"
rpc resume "$seven" >/dev/null
rpc pause "$seven" >/dev/null
check paused "$(state "$seven")" "beside one that does nothing"
ten=$(create memory=600M)
rpc exec "$ten" 'head -c 360M /dev/zero | tail -c 360M | {
	until [ -e /root/go ]; do sleep 0.05; done; wc -c; }' >"$work/wanted" &
wanted=$!
becomes suspended "$seven" 0
rpc exec "$ten" 'touch /root/go'
wait $wanted || fail "who wanted it has failed"
check $((360 << 20)) "$(cat "$work/wanted")" "what was wanted"
check "all sandboxes together had little memory left (host_memory_reserve)" \
	"$(reason "$seven")" reason
check running "$(state "$nine")" "who is not paused"

# The host goes down after a boot of which nothing is known but the rows.
stop
/usr/bin/python3 - "$work/state/registry.db" <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE sandboxes SET clock_boot_id = 'another'")
db.commit()
END
timeout 120 "$sandboxd" -c "$work/conf" --down 2>>"$work/log" ||
	fail "it does not go down"
start
for id in $(rpc list | cut -d' ' -f1); do rpc destroy "$id"; done
check "" "$(remains)" remains
! grep "refused event" "$work/log" || fail "an event was refused"
echo passed
