#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# completion.sh SANDGATE: what bash completes of a line, by what it prints.
set -eu
sandgate=$1
fail() { echo "FAILED: $*" >&2; exit 1; }
script=$("$sandgate" completion)
eval "$script"
complete -p sandgate >/dev/null || fail 'nothing is registered'

# completes LINE WORD: whether WORD is among what LINE's last word may be.
completes() {
	read -r -a COMP_WORDS <<<"sandgate $1"
	[ "${1: -1}" != ' ' ] || COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_sandgate
	printf '%s\n' "${COMPREPLY[@]}" | grep -qxF -e "$2"
}
completes 'crea' create || fail 'a verb'
completes '--so' --socket || fail 'an option before it'
completes '--socket /x.sock --json sn' snapshot || fail 'a verb behind those'
completes 'create --te' --template || fail 'an option'
completes 'create --name a --eg' --egress || fail 'one more'
! completes 'get --te' --template || fail "another verb's"
completes 'help comp' completion || fail "help's verb"
# Every verb, and every option that help tells of.
for verb in $("$sandgate" help | sed -n 's/^  \([a-z-]*\)  *.*/\1/p' |
    grep -v '^-'); do
	completes '' "$verb" || completes ' ' "$verb" || fail "verb $verb"
	for option in $("$sandgate" help "$verb" |
	    sed -n 's/^  \(-., \)\{0,1\}\(--[a-z0-9-]*\).*/\2/p'); do
		completes "$verb $option" "$option" ||
		    fail "$verb $option"
	done
done
echo passed
