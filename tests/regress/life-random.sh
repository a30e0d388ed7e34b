#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: sandboxes created, paused, forked, restored, resized and destroyed at random,
# while each daemon is killed in turn: what was answered holds, what was not is
# whole or not there, and registry, kernel and disk agree in the end.
# LIFE_STEPS and LIFE_SEED say how long, and which run; LIFE_KILL how many steps
# there are to a kill.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product daemons

by_api() { sg snapshot list --json | jq -r '.snapshots[].id' | sort; }
# Nothing of it is left to who comes next, where it fails either.
gone()
{
	sg list --json | sg_ids | comm -13 "$tmp/listed.before" - |
	    xargs -r -n 1 "$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" \
	    destroy
	by_api | xargs -r -n 1 "$BUILD/bin/sandgate" --socket \
	    "$SG_RUN/api.sock" snapshot rm
}

steps=${LIFE_STEPS:-2000}
seed=${LIFE_SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
echo "LIFE_SEED=$seed"
remember
at_exit gone

# Paused ones do not stay so: demotion is part of it, and that some are made of
# blanks.
cp "$SG_CONF" "$tmp/conf"
restart_sandboxd()
{
	sg_stop sandboxd
	sg_start sandboxd
	sg_wait_api
}
at_exit 'cp "$tmp/conf" "$SG_CONF"; restart_sandboxd'
printf '[sandboxd]\npause_keep = 3s\nblanks = 2\n' >>"$SG_CONF"
restart_sandboxd

kill_next()
{
	local pids

	case $((n_kills++ % 13)) in
	0)	kill_hard "$(sg_pid sandboxd)"
		sg_start sandboxd ;;
	1)	pids=$(gateway_child gateway-http) ;;
	2)	pids=$(sg_children "$(sg_pid sandboxd)" sandboxd-worker) ;;
	3)	pids=$(gateway_child gateway-broker) ;;
	4)	pids="$(sg_pid gateway) $(gateway_child gateway-broker)"
		pids+=" $(gateway_child gateway-http)"
		# shellcheck disable=SC2086
		kill_hard $pids
		sg_start gateway
		pids='' ;;
	5)	pids=$(sg_children "$(sg_pid sandboxd)" sandboxd-slow) ;;
	6)	pids=$(sg_children "$(sg_pid sandboxd)" sandboxd-views) ;;
	7)	pids=$(gateway_child gateway-proxy) ;;
	8)	pids=$(gateway_child gateway-resolve) ;;
	9)	pids=$(gateway_child gateway-session) ;;
	10)	pids=$(gateway_child gateway-lobby) ;;
	11)	pids=$(gateway_child gateway-webhook) ;;
	12)	pids=$(gateway_child gateway-depot) ;;
	esac
	# shellcheck disable=SC2086
	[ -z "${pids:-}" ] || kill_hard $pids
}

n_kills=0
status=0
while read -r word rest; do
	case $word in
	kill)	kill_next ;;
	lives)	echo "$rest" ;;
	failed)	status=1 ;;
	esac
done < <(timeout $((steps * 3 / 4)) /usr/bin/python3 "$here/life_random.py" \
    "$SG_RUN/api.sock" "$steps" "$seed" || echo failed) >"$tmp/alive"
[ "$status" = 0 ] || fail "LIFE_SEED=$seed"
sg_wait_api

# What each of the three has to say.
listed() { { sg list --json | sg_ids; sg list --org elsewhere --json | sg_ids; } | sort; }
disks() { find "$SG_STATE/disks" -mindepth 1 -maxdepth 1 -name 'sb_*' \
    -printf '%f\n' | sort; }
by_disk() { find "$SG_STATE/disks/.snapshots" -name 'sn_*' -printf '%f\n' | sort; }
agree() { [ "$(listed)" = "$(disks)" ] && [ "$(by_api)" = "$(by_disk)" ]; }
sg_wait_for agree || fail "listed: $(listed); disks: $(disks)
    snapshots: $(by_api); on disk: $(by_disk)"
# What the kernel has, but for two blanks, is of those that are listed.
unlisted() { sg_inventory | grep -o 'sb_[0-9a-z]*' | sort -u | comm -23 - <(listed); }
kernel_agrees() { [ "$(unlisted | wc -l)" -le 2 ]; }
sg_wait_for kernel_agrees || fail "not listed: $(unlisted | xargs)
    $(sg_inventory | grep -F -f <(unlisted))"
assert_eq 'marks' "$(find "$SG_RUN/init" -name '*.still')" ''
mapfile -t alive < <(sort "$tmp/alive")
comm -23 <(printf '%s\n' "${alive[@]}") <(listed) >"$tmp/lost"
[ ! -s "$tmp/lost" ] || fail "lost: $(cat "$tmp/lost")"

for id in $(listed | comm -13 "$tmp/listed.before" - | grep -vxF -f <(sg list \
    --org elsewhere --json | sg_ids)); do
	sg destroy "$id" || fail "$id cannot be destroyed"
done
for id in $(by_api); do
	sg snapshot rm "$id"
done
# Without blanks, and with nothing left of those that there were.
cp "$tmp/conf" "$SG_CONF"
restart_sandboxd
all_is_well
