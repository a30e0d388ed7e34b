# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What every script in tests/regress uses. Hosts known to the clients: sandbox
# (its default user), root (the same sandbox as root), other (another sandbox
# of the same user), ref (a real sshd, the reference). In reference mode the
# first three are the reference too.
set -euo pipefail
export LC_ALL=C.UTF-8

skip()
{
	echo "skip: $*"
	exit 77
}
# shellcheck source=tests/regress/lib-instance.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib-instance.sh"
SG_ENV=${SG_ENV:-$SG_DIR/env}
[ -r "$SG_ENV" ] || skip "no instance: run tests/regress/harness up"
# The instance may be another than the default one, so read the rest again.
# shellcheck disable=SC1090
. "$SG_ENV"
# shellcheck source=tests/regress/lib-instance.sh
. "$here/lib-instance.sh"

tmp=$(mktemp -d "$SG_DIR/test-XXXXXX")
cleanups=()
finish()
{
	local status=$? n

	set +e
	for ((n = ${#cleanups[@]} - 1; n >= 0; n--)); do
		eval "${cleanups[n]}" >/dev/null 2>&1
	done
	rm -rf "$tmp"
	exit "$status"
}
trap finish EXIT
at_exit()
{
	cleanups+=("$1")
}

fail()
{
	echo "FAIL: $*" >&2
	exit 1
}

# With SG_NESTING, `sandbox` and `root` are a sandbox that nests.
if [ -n "${SG_NESTING:-}" ]; then
	nesting=$(sg create --nesting 2>/dev/null)
	at_exit 'sg destroy "$nesting"'
	sed "s/$SG_SANDBOX/$nesting/" "$SG_SSH_CONFIG" >"$tmp/nesting_config"
	export SG_SSH_CONFIG=$tmp/nesting_config SG_SANDBOX=$nesting
fi

# assert_eq WHAT GOT WANTED
assert_eq()
{
	[ "$2" = "$3" ] || fail "$1: got '$2', wanted '$3'"
}

# assert_match WHAT GOT EXTENDED-REGEX
assert_match()
{
	[[ $2 =~ $3 ]] || fail "$1: got '$2', wanted /$3/"
}

needs_product()
{
	[ "$SG_MODE" = product ] || skip "$1 needs the product"
}

# end_job PID: ends a function in the background, with the program it waits for;
# the shell between is not told of signals.
end_job()
{
	local child

	for child in $(ps -o pid= --ppid "$1"); do
		kill "$child" 2>/dev/null || true
	done
	kill "$1" 2>/dev/null || true
}

# Every client is bounded: a hang is a failure of that one test.
sg_ssh()
{
	timeout "${SG_TIMEOUT:-300}" ssh -F "$SG_SSH_CONFIG" "$@"
}

sg_scp()
{
	timeout "${SG_TIMEOUT:-300}" scp -q -F "$SG_SSH_CONFIG" "$@"
}

# Commands on standard input; stops at the first that fails.
sg_sftp()
{
	timeout "${SG_TIMEOUT:-300}" sftp -q -b - -F "$SG_SSH_CONFIG" "$@"
}

# Runs "$@" and prints its exit status instead of failing.
status_of()
{
	local status=0

	"$@" || status=$?
	echo "$status"
}

# once FILE: commands that print FILE as soon as something is in it, and remove
# it: for what is written when a client has gone.
once()
{
	printf '%s' "for n in \$(seq 300); do [ -s $1 ] && break; sleep 0.1
	    done; cat $1; rm -f $1"
}

# same_as_sshd WHAT COMMAND...: COMMAND with each host name in place of @ says
# and returns the same on the sandbox and on the real sshd.
same_as_sshd()
{
	local what=$1 host status

	shift
	for host in sandbox ref; do
		status=0
		"${@//@/$host}" >"$tmp/$host.out" 2>"$tmp/$host.err" </dev/null ||
		    status=$?
		echo "exit $status" >>"$tmp/$host.out"
	done
	diff -u --label sshd --label sandbox "$tmp/ref.out" \
	    "$tmp/sandbox.out" || fail "$what: output differs from sshd's"
	diff -u --label sshd --label sandbox "$tmp/ref.err" \
	    "$tmp/sandbox.err" || fail "$what: stderr differs from sshd's"
}

# A file of $1 random bytes at $2.
random_file()
{
	head -c "$1" /dev/urandom >"$2"
}

sha()
{
	sha256sum | cut -d' ' -f1
}

# Runs python3 with pexpect on standard input; `target` there is an ssh command
# line up to and including its options.
with_pty()
{
	timeout "${SG_TIMEOUT:-300}" /usr/bin/python3 -c "
import os, pexpect, re, sys, time
ssh = 'ssh -F ' + os.environ['SG_SSH_CONFIG']
$(cat)" "$@"
}

# A terminal to look at: screen_start COMMAND, screen_type TMUX-KEYS...,
# screen_wait REGEX. The emulator is tmux.
screen_start()
{
	screen_socket=$tmp/tmux
	tmux -S "$screen_socket" -f /dev/null new-session -d -x 80 -y 24 \
	    "TERM=${SG_TERM:-screen} $1"
	at_exit "tmux -S '$screen_socket' kill-server"
}

screen_type()
{
	tmux -S "$screen_socket" send-keys "$@"
}

screen_show()
{
	tmux -S "$screen_socket" capture-pane -p
}

screen_has()
{
	screen_show | grep -Eq -- "$1"
}

screen_wait()
{
	sg_wait_for screen_has "$1" ||
	    fail "the screen never showed /$1/:"$'\n'"$(screen_show)"
}

# Milliseconds of a monotonic clock.
now_ms()
{
	local up

	read -r up _ </proc/uptime
	up=${up/./}
	echo $((10#$up * 10))
}

login_with=()
# login USER OPTION...: one attempt with nothing but what is given; its words,
# the user's name taken out, and its exit status.
login()
{
	local user=$1 status=0 words

	shift
	words=$("${login_with[@]}" timeout 300 ssh -F "$SG_SSH_CONFIG" \
	    -l "$user" "$@" bare true 2>&1 </dev/null) || status=$?
	printf '%s\nexit %s\n' "${words//"$user"/USER}" "$status"
}

# secret_login USER SECRET [OPTION...]: the same with a token as a password.
secret_login()
{
	local user=$1 secret=$2

	shift 2
	export SSHPASS=$secret
	login_with=(sshpass -e)
	login "$user" "$@" -o PreferredAuthentications=password \
	    -o NumberOfPasswordPrompts=1 -o PubkeyAuthentication=no
	login_with=()
}

# new_token NAME [--ttl TIME]: the token. token_id NAME: its id.
new_token()
{
	sg token create "$@" --json | jq -r .token
}

token_id()
{
	sg token list --json | jq -r --arg name "$1" \
	    '(.tokens? // .)[] | select(.name == $name) | .id'
}

# attack_undefended NAME ARGUMENT...: an attack by the host's root in throw-away
# namespaces, whose PID 1 is its own.
attack_undefended()
{
	timeout 300 unshare -m -u -p -f -n --mount-proc sh -c \
	    '/usr/bin/python3 "$@"; exit' - "$here/attacks.py" "$@"
}

# attack_inside HOST NAME ARGUMENT...: the same by root of a sandbox.
attack_inside()
{
	local host=$1

	shift
	timeout 300 ssh -F "$SG_SSH_CONFIG" "$host" \
	    "python3 - ${*@Q}" <"$here/attacks.py"
}

# own_addresses: IPv4 of the links this machine has its way out by; those that
# tests beside this one gave the host go when they end.
own_addresses()
{
	local link

	for link in $(ip -4 route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p' |
	    sort -u); do
		ip -4 -o addr show dev "$link" scope global | awk '{ print $4 }' |
		    cut -d/ -f1
	done
}

# refused_inside NAME ARGUMENT...: root of the sandbox does not succeed.
refused_inside()
{
	assert_match "inside: $*" "$(attack_inside root "$@")" '^refused'
}

# defended NAME ARGUMENT...: works for the host's root, not for a sandbox's.
# Where this host itself refuses, that is said, and the second half remains.
defended()
{
	local control

	control=$(attack_undefended "$@")
	[ "$control" = worked ] || echo "cannot be shown here: $*: $control"
	refused_inside "$@"
	attacks=$((${attacks:-0} + 1))
}

# The median milliseconds of nine commands in a sandbox.
exec_ms()
{
	local n start

	for n in 1 2 3 4 5 6 7 8 9; do
		start=${EPOCHREALTIME/./}
		sg_ssh "$1" true
		echo $(((${EPOCHREALTIME/./} - start) / 1000))
	done | sort -n | sed -n 5p
}

# assert_unharmed WHAT BEFORE-MS: the other sandbox still answers about as
# promptly as before; a wide band and several tries, for shared machines: harm
# lasts, what else the machine does comes and goes.
assert_unharmed()
{
	local now try

	for try in 1 2 3 4 5; do
		now=$(exec_ms other)
		echo "$1: $2 ms before, $now ms now"
		[ "$now" -gt $(($2 * 4 + 50)) ] || return 0
		sleep "$try"
	done
	fail "$1: the neighbour is harmed"
}
