#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a bash context reads first; as python.py, in its own language.
PS1='' PS2=''; set +H +o history
__sg_tell() {
	printf '{"run":"%s","type":"%s"%s}\n' "$__sg_run" "$1" "$2" >&3
	read -r -N1 -u3 _
}
# A variable for the next run alone: what it was is kept, as what sets it.
__sg_give() {
	local name was
	printf -v name %b "$1"
	was=${name%%=*}
	[[ $was =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || return 0
	__sg_was+=("$(declare -p "$was" 2>/dev/null || echo "unset $was")")
	export "${name?}"
}
__sg_take_back() {
	local was
	for was in "${__sg_was[@]}"; do
		eval "${was/#declare /declare -g }" 2>/dev/null
	done
	__sg_was=()
}
__sg() {
	if [ "$2" = 2 ]; then
		__sg_give "$3"
		return
	fi
	__sg_code+=$3
	if [ "$2" = 0 ]; then
		__sg_run=$1
		# shellcheck disable=SC2034 # evaluated by what follows the call
		printf -v __sg_c %b "$__sg_code"
		__sg_code=''
		__sg_tell begin ",\"n\":$((++__sg_n))"
	fi
}
__sg_end() {
	__sg_status=$?
	if [ -n "$__sg_run" ]; then
		__sg_take_back
		__sg_tell end ",\"exit_code\":$__sg_status"
		__sg_run=''
	fi
	return "$__sg_status"
}
__sg_tell ready
PROMPT_COMMAND=__sg_end
