#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# libssh-check.sh LIBSSH_A INCLUDE MAP: the checks of gateway/ssh/libssh/ pass
# here, and name what is missing in a libssh.a, a version or a link that lacks
# what that folder stands on.
set -euo pipefail

fence=$(realpath "$(dirname "$0")/../../gateway/ssh/libssh")
library=$1 include=$2 map=$3
command -v objcopy >/dev/null || exit 77
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# fails COMMAND [ARGUMENT]...
fails() {
	if "$@"; then
		echo "passed: $*"
		exit 1
	fi
}

# configure [-DNAME=VALUE]...: the check of the configuration.
configure() {
	cmake -DCMAKE_NM="$(command -v nm)" -DLIBSSH_STATIC="$library" \
	    -DLIBSSH_INCLUDE="$include" "$@" -P "$fence/check.cmake" \
	    >said 2>&1
}

# says WORDS: what the check said, however it broke its lines.
says() {
	tr -s ' \n' ' ' <said | grep -qF -- "$1" || {
		echo "not said: $1"
		cat said
		exit 1
	}
}

configure || says nothing

# A function that is gone; wrapped ones and others.
for symbol in ssh_packet_set_callbacks _ssh_buffer_pack; do
	objcopy --redefine-sym "$symbol=gone" "$library" gone.a
	fails configure -DLIBSSH_STATIC=gone.a
	says "$symbol: is not in it"
	says 'docs/libssh.md'
done

# A call that no wrap would reach any more: it went to another function.
ar x "$library" bind.c.o
cp "$library" moved.a
objcopy --redefine-sym ssh_key_dup=ssh_key_copy bind.c.o
ar r moved.a bind.c.o
fails configure -DLIBSSH_STATIC=moved.a
says 'ssh_key_dup: bind.c does not call it'

# A version nobody has tested, and the way to take it nevertheless.
mkdir -p libssh
sed -E 's/(LIBSSH_VERSION_MINOR +)[0-9]+/\112/' \
    "$include/libssh/libssh_version.h" >libssh/libssh_version.h
fails configure -DLIBSSH_INCLUDE="$PWD"
says 'SANDGATE_LIBSSH_UNTESTED=ON'
configure -DLIBSSH_INCLUDE="$PWD" -DSANDGATE_LIBSSH_UNTESTED=ON
says 'libssh 0.12.'

# A link in which a wrap did not take.
linked() {
	cmake -DMAP="$1" -P "$fence/linked.cmake" >said 2>&1
}
linked "$map" || says nothing
sed 's/^__wrap_ssh_pki_signature_verify/ssh_pki_signature_verify/' "$map" >map
fails linked map
says 'ssh_pki_signature_verify: called by messages.c'
