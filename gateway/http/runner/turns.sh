# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# Turns of a talk with the agent of a sandbox (docs/COMPATIBILITY.md, Sandbase):
# "say" takes one from standard input and has sandgate-agent answer it, "list N"
# tells of those after N. Each is one line: its number, when it was said and
# answered, the exit status, how much was answered, and what was said, answered
# and complained of in base64; "-" stands for nothing. A last line "more": there
# are others.
umask 077
dir=$HOME/.session
file_max=196608
all_max=262144
complaint_max=4096

coded() {
	if [ -s "$1" ]; then
		"$2" -c "$3" "$1" | base64 | tr -d '\n'
	else
		printf -- -
	fi
}
told() {
	if [ -e "$2" ]; then
		stat -c "$1" "$2"
	else
		printf -- -
	fi
}
show() {
	code=-
	[ ! -e "$1.code" ] || read -r code <"$1.code"
	printf 'turn %s %s %s %s %s ' "$1" "$(told %Y "$1.in")" \
	    "$(told %Y "$1.code")" "$code" "$(told %s "$1.out")"
	coded "$1.in" head $file_max
	printf ' '
	coded "$1.out" head $file_max
	printf ' '
	coded "$1.err" tail $complaint_max
	printf '\n'
}
# The names of the folder are ours.
# shellcheck disable=SC2012
numbers() { ls | sed -n 's/\.in$//p' | sort -n; }

if [ "$1" = list ]; then
	cd "$dir" 2>/dev/null || exit 0
	shown=0
	for n in $(numbers); do
		[ "$n" -gt "$2" ] || continue
		if [ $shown -ge $all_max ]; then
			echo more
			break
		fi
		show "$n"
		for part in in out; do
			[ ! -e "$n.$part" ] ||
			    shown=$((shown + $(head -c $file_max "$n.$part" | wc -c)))
		done
	done
	exit 0
fi

command -v sandgate-agent >/dev/null || exit 127
mkdir -p "$dir" && cd "$dir" && exec 8>lock || exit 126
! command -v flock >/dev/null || flock 8
n=$(($(numbers | tail -n 1) + 1))
cat >"$n.new" && mv "$n.new" "$n.in" || exit 126
(
	cd /workspace 2>/dev/null || cd || exit 126
	exec sandgate-agent 8>&-
) <"$n.in" >"$n.out" 2>"$n.err"
echo $? >"$n.new" && mv "$n.new" "$n.code" || exit 126
show "$n"
