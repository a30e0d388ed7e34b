# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the scripts of contrib/ and tests/ share: messages, steps with their
# time, Debian packages, values of sandgate.conf. To be sourced; the caller has
# set -eu and defines `program`.

die() {
	printf '%s: %s\n' "${program:-sandgate}" "$*" >&2
	exit 1
}

usage_error() {
	printf '%s: %s (see --help)\n' "${program:-sandgate}" "$*" >&2
	exit 2
}

# now_ms: a clock in milliseconds, without starting a process.
now_ms() {
	local t=$EPOCHREALTIME
	t=${t/[.,]/}
	printf '%s' "$((t / 1000))"
}

# seconds_since MS: such as "1.4".
seconds_since() {
	local ms=$(($(now_ms) - $1))
	printf '%d.%d' $((ms / 1000)) $((ms % 1000 / 100))
}

# step WORDS LOG COMMAND...: runs a command with its output in LOG and prints
# one line with the time it took; on failure the end of LOG, and gives up.
step() {
	local words=$1 log=$2 start status=0
	shift 2
	start=$(now_ms)
	if [ -t 1 ]; then
		printf '  %-44s ' "$words"
	fi
	"$@" >"$log" 2>&1 || status=$?
	if [ ! -t 1 ]; then
		printf '  %-44s ' "$words"
	fi
	if [ "$status" -ne 0 ]; then
		printf 'failed\n'
		tail -n 30 "$log" >&2
		die "$words: failed with status $status (all of it: $log)"
	fi
	printf '%6s s\n' "$(seconds_since "$start")"
}

# packages_of FILE...: the package names of dependency lists.
packages_of() {
	sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$@" | sort -u
}

# packages_missing FILE...: those of them that are not installed, nor provided
# by what is, as npm by some builds of nodejs.
packages_missing() {
	local installed
	# shellcheck disable=SC2016
	installed=$(dpkg-query -W -f '${Status}|${Package}, ${Provides}\n' |
	    sed -n 's/^[^|]* installed|//p' | tr ',' '\n' |
	    sed -e 's/(.*//' -e 's/[[:space:]]//g')
	packages_of "$@" | grep -vxF "$installed" || :
}

# packages_install FILE...: installs what is missing, nothing if nothing is.
packages_install() {
	local missing
	missing=$(packages_missing "$@")
	[ -n "$missing" ] || return 0
	export DEBIAN_FRONTEND=noninteractive
	# Once a run: while apt replaces its lists, others cannot read them.
	[ "${is_apt_updated:-no}" = yes ] || apt-get -q update
	is_apt_updated=yes
	# One word a package is what is wanted here.
	# shellcheck disable=SC2086
	apt-get -q -y --no-install-recommends install $missing
}

# is_debian: whether the dependency lists name this system's packages.
is_debian() {
	[ -r /etc/os-release ] || return 1
	(
		ID='' VERSION_ID=''
		# shellcheck disable=SC1091
		. /etc/os-release
		[ "$ID $VERSION_ID" = 'debian 12' ]
	)
}

# conf_get FILE SECTION KEY DEFAULT: a value of sandgate.conf, as inih reads it.
conf_get() {
	local value=''
	if [ -r "$1" ]; then
		value=$(awk -v section="$2" -v key="$3" '
			/^[ \t]*[;#]/ { next }
			/^[ \t]*\[/ {
				s = $0
				sub(/^[ \t]*\[/, "", s)
				sub(/\].*/, "", s)
				next
			}
			s == section {
				i = index($0, "=")
				if (i == 0)
					next
				k = substr($0, 1, i - 1)
				v = substr($0, i + 1)
				gsub(/^[ \t]+|[ \t]+$/, "", k)
				sub(/[ \t]+;.*/, "", v)
				gsub(/^[ \t]+|[ \t]+$/, "", v)
				if (k == key)
					found = v
			}
			END { print found }' "$1")
	fi
	printf '%s' "${value:-$4}"
}

# users_make: the users of etc/sysusers.conf that are not there yet; where
# systemd is, it makes them of the same file. Several may ask at once.
users_make() {
	local conf=${BASH_SOURCE[0]%/*}/../etc/sysusers.conf user

	mkdir -p /run/lock # which only systemd makes at the boot
	(
		flock 7
		while read -r user; do
			getent passwd "$user" >/dev/null ||
			    useradd --system --user-group --no-create-home \
				--home-dir /var/lib/sandgate \
				--shell /usr/sbin/nologin "$user"
		done < <(awk '$1 == "u" { print $2 }' "$conf")
	) 7>/run/lock/sandgate-users
}
