# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Sourced by tests that run the real sandboxd: an instance of its own, with
# names nobody else has, and nothing of it left at the end.
#
# BUILD is the build folder; SANDGATE_TEST_TEMPLATE a root file system, made
# once where there is none.
set -eu
[ "$(id -u)" = 0 ] || { echo "needs root"; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-$here/../../build/dev}
sandboxd=${SANDBOXD:-$build/bin/sandboxd}
libexec=${LIBEXEC:-$build/bin}
template=${SANDGATE_TEST_TEMPLATE:-/tmp/sandgate-test-template/rootfs}
mkdir -p "$(dirname "$template")"
bash -c '. "$1/../../contrib/lib.sh" && users_make' bash "$here"
# Several of them may run at once, and one makes the template.
exec 8>"$template.lock"
flock 8
if [ ! -d "$template/usr" ]; then
	command -v mmdebstrap >/dev/null || { echo "no mmdebstrap"; exit 77; }
	mmdebstrap --quiet --variant=minbase --include=bash,python3-minimal,\
sudo,procps,iproute2,iputils-ping bookworm "$template" >/dev/null
fi
exec 8>&-
# A number that no other one has while this runs, for addresses and uids.
slot=$(($$ % 100))
until exec 9>"/run/lock/sandgate-test-$slot" && flock -n 9; do
	slot=$(((slot + 1) % 100))
done
tag=$(printf 't%04d' $(($$ % 10000)))
work=$(mktemp -d "/tmp/sandgate-$tag-XXXXXX")
daemon=
mkdir -p "$work/run" "$work/state/templates/base/rootfs"
mount --bind "$template" "$work/state/templates/base/rootfs"
trap 'finish $?' EXIT
trap 'exit 1' INT TERM

# configure KEY=VALUE...: writes the configuration, with these changes.
configure() {
	cat >"$work/conf" <<-END
	[paths]
	run_dir = $work/run
	state_dir = $work/state
	log_dir = $work
	libexec_dir = $libexec
	[sandboxd]
	max_sandboxes = 100
	link_prefix = $tag
	nft_table = sandgate$tag
	cgroup_parent = sandgate$tag
	network = 10.$((100 + slot)).0.0/16
	network6 = fd5a:9a7e:$(printf %x $(($$ % 60000 + 1)))::/64
	uid_base = $((1409286144 + slot * 6553600))
	disk_pool = 2G
	cpu_weight = 100
	END
	for setting; do echo "${setting%%=*} = ${setting#*=}"; done \
		>>"$work/conf"
}
start() {
	rm -f "$work/run/sandboxd.sock"
	"$sandboxd" -c "$work/conf" 2>>"$work/log" </dev/null 9>&- &
	daemon=$!
	for _ in $(seq 2400); do
		[ -S "$work/run/sandboxd.sock" ] && return
		kill -0 $daemon 2>/dev/null || break
		sleep 0.05
	done
	fail "sandboxd did not start"
}
# shellcheck disable=SC2120
stop() { # [SIGNAL]
	kill -"${1:-TERM}" $daemon 2>/dev/null || true
	wait $daemon || true
	daemon=
}
rpc() { timeout 60 "$build/tests/rpcctl" "$work/run/sandboxd.sock" acme "$@"; }
create() { rpc create "$@" | cut -d' ' -f1; }
fail() { echo "FAILED: $*"; tail -20 "$work/log"; exit 1; }
check() { # WANTED GOT WORDS: compares
	[ "$1" = "$2" ] || fail "$3: wanted \"$1\", got \"$2\""
}
# As find, of all groups: those of other instances come and go meanwhile, which it
# would fail for.
find_groups() { find /sys/fs/cgroup "$@" 2>/dev/null || true; }
# All that an instance could leave behind, except disks and their pool.
remains() {
	find_groups -mindepth 2 -path "*sandgate$tag/*" -type d
	ls "$work/run/init"
	ip -o link | grep " ${tag}[0-9]" || true
}
finish() {
	trap - EXIT
	[ -n "$daemon" ] && stop
	[ -f "$work/conf" ] && timeout 120 "$sandboxd" -c "$work/conf" \
		--down 2>>"$work/log" || echo "--down failed"
	umount "$work/state/templates/base/rootfs"
	grep -q "ERROR: .*Sanitizer\|runtime error" "$work/log" && {
		grep -A20 "Sanitizer\|runtime error" "$work/log" | head -40
		exit 1
	}
	rm -rf "$work"
	exit "$1"
}
