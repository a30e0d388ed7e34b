# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Starting and stopping an installed Sandgate, with systemd and without. To be
# sourced after contrib/lib.sh.
: "${top:?the clone}" "${prefix:?where it is installed}"
: "${conf:?sandgate.conf}" "${is_systemd:?yes or no}"

READY_TIMEOUT_S=60
STOP_TIMEOUT_S=10
unit_dir=/etc/systemd/system

# conf_load: run_dir, state_dir, log_dir and how to call the command line.
conf_load() {
	run_dir=$(conf_get "$conf" paths run_dir /run/sandgate)
	state_dir=$(conf_get "$conf" paths state_dir /var/lib/sandgate)
	log_dir=$(conf_get "$conf" paths log_dir /var/log/sandgate)
	socket_option=()
	[ "$run_dir" = /run/sandgate ] ||
	    socket_option=(--socket "$run_dir/api.sock")
}

# ssh_port: the port of the first address SSH is served on.
ssh_port() {
	local listen
	listen=$(conf_get "$conf" gateway ssh_listen 0.0.0.0:2222)
	listen=${listen%%[, ]*}
	printf '%s' "${listen##*:}"
}

cli() {
	"$prefix/bin/sandgate" ${socket_option[@]+"${socket_option[@]}"} "$@"
}

# program_path NAME: where it was installed.
program_path() {
	local folder
	for folder in libexec/sandgate sbin bin; do
		if [ -x "$prefix/$folder/$1" ]; then
			printf '%s' "$prefix/$folder/$1"
			return
		fi
	done
}

# daemon_pid NAME: the running daemon's process, from its pid file; nothing
# where it does not run. The file may be stale and the number used again.
daemon_pid() {
	local pid exe
	pid=$(head -n 1 "$run_dir/$1.pid" 2>/dev/null | tr -cd 0-9) || :
	[ -n "$pid" ] || return 0
	exe=$(readlink "/proc/$pid/exe" 2>/dev/null) || return 0
	exe=${exe% (deleted)}
	[ "${exe##*/}" != "$1" ] || printf '%s' "$pid"
}

# daemon_stop NAME: TERM, and KILL where that does not help in time.
daemon_stop() {
	local pid i
	pid=$(daemon_pid "$1")
	[ -n "$pid" ] || return 0
	kill -TERM "$pid" 2>/dev/null || :
	for ((i = 0; i < STOP_TIMEOUT_S * 10; i++)); do
		[ "$(daemon_pid "$1")" = "$pid" ] || return 0
		sleep 0.1
	done
	kill -KILL "$pid" 2>/dev/null || :
	sleep 0.2
}

has_unit() {
	[ "$is_systemd" = yes ] && [ -e "$unit_dir/$1.service" ]
}

# daemons_stop: sandboxes and established sessions go on.
daemons_stop() {
	local name
	for name in gateway sandboxd; do
		! has_unit "$name" || systemctl stop "$name.service"
		daemon_stop "$name"
	done
}

daemons_disable() {
	local name
	for name in gateway sandboxd; do
		! has_unit "$name" || systemctl -q disable "$name.service"
	done
}

# gateway_cgroup_remove: unless sessions live on in it.
gateway_cgroup_remove() {
	local name
	name=$(conf_get "$conf" gateway cgroup sandgate-gateway)
	[ -z "$name" ] ||
	    rmdir /sys/fs/cgroup/{*/,}"$name" 2>/dev/null || :
}

sysctl_file=/etc/sysctl.d/60-sandgate.conf

# sysctl_install: raises what the host has one of, now and at each boot; says
# what it changes, as it is the whole host's.
sysctl_install() {
	local line name value file was
	mkdir -p "${sysctl_file%/*}"
	install -m 0644 "$top/etc/sysctl.conf" "$sysctl_file"
	while IFS= read -r line; do
		name=${line%% =*} name=${name#-} value=${line##*= }
		file=/proc/sys/${name//.//}
		[ -e "$file" ] || continue
		was=$(cat "$file")
		[ "$was" != "$value" ] || continue
		# A container may not; sandboxd warns of what is too low.
		if (printf '%s\n' "$value" >"$file") 2>/dev/null; then
			printf '  %s: %s, was %s\n' "$name" "$value" "$was"
		else
			printf '  %s: stays %s here\n' "$name" "$was"
		fi
	done < <(grep -v '^#\|^$' "$sysctl_file")
}

sysctl_remove() {
	rm -f "$sysctl_file"
}

units_install() {
	local name
	for name in sandboxd gateway; do
		sed -e "s,^ExecStart=[^ ]*,ExecStart=$(program_path "$name")," \
		    -e "s,-c /etc/sandgate/sandgate.conf,-c $conf," \
		    -e "s,^ReadWritePaths=.*,ReadWritePaths=$log_dir," \
		    "$top/etc/$name.service" >"$unit_dir/$name.service"
	done
	mkdir -p /etc/sysusers.d /etc/tmpfiles.d
	install -m 0644 "$top/etc/sysusers.conf" /etc/sysusers.d/sandgate.conf
	install -m 0644 "$top/etc/tmpfiles.conf" /etc/tmpfiles.d/sandgate.conf
	systemctl daemon-reload
}

units_remove() {
	rm -f "$unit_dir/sandboxd.service" "$unit_dir/gateway.service" \
	    /etc/sysusers.d/sandgate.conf /etc/tmpfiles.d/sandgate.conf
	[ "$is_systemd" = no ] || systemctl daemon-reload
}

# daemon_start NAME: without systemd, apart from this terminal and session.
daemon_start() {
	local path
	path=$(program_path "$1")
	[ -n "$path" ] || {
		echo "$1 is not installed below $prefix"
		return 1
	}
	nohup setsid "$path" -c "$conf" </dev/null >>"$log_dir/$1.log" 2>&1 &
	started+=($!)
}

# are_alive PID...: whether every one of them is.
are_alive() {
	local pid
	for pid in "$@"; do
		kill -0 "$pid" 2>/dev/null || return 1
	done
}

# wait_for WORDS COMMAND...: until it succeeds, a daemon that was started here
# has ended, or the time is over.
wait_for() {
	local words=$1 i
	shift
	for ((i = 0; i < READY_TIMEOUT_S * 10; i++)); do
		"$@" >/dev/null 2>&1 && return 0
		are_alive ${started[@]+"${started[@]}"} || break
		sleep 0.1
	done
	echo "$words: not ready after $((i / 10)) s"
	tail -n 20 "$log_dir"/sandboxd.log "$log_dir"/gateway.log 2>/dev/null
	if [ "$is_systemd" = yes ]; then
		journalctl -n 40 -u sandboxd -u gateway --no-pager || :
	fi
	return 1
}

is_api_ready() {
	curl -fsS -m 5 --unix-socket "$run_dir/api.sock" \
	    http://localhost/healthz && cli status
}

daemons_start() {
	started=()
	install -d -m 0755 "$run_dir"
	install -d -m 0711 "$state_dir"
	install -d -m 0750 -o sandgate -g sandgate "$log_dir"
	if [ "$is_systemd" = yes ]; then
		units_install
		systemctl enable sandboxd.service gateway.service
		systemctl restart sandboxd.service gateway.service || return
	else
		daemon_start sandboxd || return
		wait_for sandboxd test -S "$run_dir/sandboxd.sock" || return
		daemon_start gateway || return
	fi
	wait_for 'the API' is_api_ready
}

# session_pids: session processes of this instance, which outlive gateway: in
# them its jail folder is the root.
session_pids() {
	local process
	for process in /proc/[0-9]*; do
		if [ "$(readlink "$process/root" 2>/dev/null)" = \
		    "$run_dir/empty" ]; then
			printf '%s\n' "${process#/proc/}"
		fi
	done
}

# sandboxes_down: ends sessions and sandboxes; disks stay.
sandboxes_down() {
	local pid sandboxd
	for pid in $(session_pids); do
		kill -KILL "$pid" 2>/dev/null || :
	done
	sandboxd=$(program_path sandboxd)
	if [ -n "$sandboxd" ] && [ -e "$conf" ]; then
		"$sandboxd" -c "$conf" --down
	fi
	rm -f "$run_dir/api.sock" "$run_dir/sandboxd.sock"
}
