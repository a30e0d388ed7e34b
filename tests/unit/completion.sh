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

# The other shells have the same tables, where those shells are. fish makes
# folders in its home.
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
if command -v zsh >/dev/null; then
	"$sandgate" completion zsh >"$home/zsh"
	# zsh_completes WORD...: the last of which is to be completed.
	zsh_completes() {
		zsh -f -c 'compdef() { : }; _files() { print files }
		    _describe() { print -l -- ${(P)2} }; source $1; shift
		    words=(sandgate "$@"); CURRENT=$#words; _sandgate' zsh \
		    "$home/zsh" "$@"
	}
	zsh_completes crea | grep -q '^create:make a sandbox$' || fail 'zsh'
	zsh_completes --api x create -- | grep -q '^--template:' ||
	    fail 'zsh: an option'
	! zsh_completes get -- | grep -q '^--template:' ||
	    fail "zsh: another verb's"
	zsh_completes help '' | grep -q '^completion:' || fail "zsh: help's"
	zsh_completes cp '' | grep -qx files || fail 'zsh: a file'
fi
if command -v fish >/dev/null; then
	# fish_completes LINE
	fish_completes() {
		HOME=$home fish --no-config -c \
		    "$("$sandgate" completion fish); complete -C '$1'"
	}
	fish_completes 'sandgate crea' | grep -q '^create.make a sandbox$' ||
	    fail 'fish'
	fish_completes 'sandgate create --te' | grep -q '^--template' ||
	    fail 'fish: an option'
	! fish_completes 'sandgate get --te' | grep -q '^--template' ||
	    fail "fish: another verb's"
	fish_completes 'sandgate help comp' | grep -q '^completion' ||
	    fail "fish: help's"
fi
! "$sandgate" completion tcsh >/dev/null 2>&1 || fail 'tcsh'
echo passed
