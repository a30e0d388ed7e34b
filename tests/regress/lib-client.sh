# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the scripts that drive other clients share. The lines they run are those
# of docs/clients, word for word: a page that is wrong fails its test. There the
# sandbox is sb_4fz1k8q2m9xw on port 2222 of gateway.example.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# ssh, scp and sftp, also where other programs start them, use this file; known
# hosts and keys are those of the instance.
mkdir "$tmp/bin"
for program in ssh scp sftp; do
	printf '#!/bin/sh\nexec /usr/bin/%s -F %s "$@"\n' "$program" \
	    "$tmp/ssh_config" >"$tmp/bin/$program"
done
chmod +x "$tmp"/bin/*
PATH=$tmp/bin:$PATH
# A short path, for sockets are put below it.
HOME=$(mktemp -d)
export HOME
at_exit 'rm -rf "$HOME"'
mkdir "$HOME/.ssh"
sed -n "s/^sandbox /[127.0.0.1]:$SG_PORT /p" "$SG_DIR/known_hosts" |
    cut -d' ' -f1-3 >"$HOME/.ssh/known_hosts"
cp "$SG_KEY" "$HOME/.ssh/id_ed25519"
cp "$SG_KEY.pub" "$HOME/.ssh/id_ed25519.pub"
chmod 0700 "$HOME/.ssh"
chmod 0600 "$HOME/.ssh/id_ed25519"

workspace=/workspace
[ "$SG_MODE" = product ] || workspace=$SG_DIR/workspace

# in_place: standard input with the page's sandbox, host and home made ours.
in_place()
{
	sed -e "s/sb_4fz1k8q2m9xw/$SG_SANDBOX/g" -e "s/gateway\.example/127.0.0.1/g" \
	    -e "s/\b2222\b/$SG_PORT/g" -e "s,~/\.ssh,$HOME/.ssh,g" \
	    -e "s,/workspace,$workspace,g"
}

# page NAME HEADING: the code below `## HEADING` of docs/clients/NAME.md.
page()
{
	awk -v heading="## $2" '
		/^## / { is_here = $0 == heading }
		/^```/ { is_code = !is_code; next }
		is_here && is_code' "$top/docs/clients/$1.md" | in_place |
	    grep . || fail "docs/clients/$1.md has no code below '## $2'"
}

# run_page NAME HEADING: runs it, in the current folder.
run_page()
{
	page "$1" "$2" >"$tmp/page"
	timeout "${SG_TIMEOUT:-300}" bash -euo pipefail "$tmp/page"
}

{
	printf 'UserKnownHostsFile %s %s\n' "$HOME/.ssh/known_hosts" \
	    "$SG_DIR/known_hosts"
	page openssh Configuration
	page ides Configuration
	cat "$SG_SSH_CONFIG"
} >"$tmp/ssh_config"
at_exit 'ssh -O exit "$SG_SANDBOX@127.0.0.1"'

# A tree with what transfers get wrong: modes, times, odd names, empty things.
make_tree()
{
	mkdir -p "$1/sub dir/empty"
	random_file 3000000 "$1/big"
	echo text >"$1/sub dir/run é"
	: >"$1/nothing"
	chmod 0600 "$1/big"
	chmod 0751 "$1/sub dir/run é"
	touch -d '2020-02-02 02:02:02' "$1/big" "$1/sub dir/run é" "$1/nothing"
}

# Names, and with -p modes and times, and contents of files.
listing()
{
	local form='%P '

	[ "${2:-}" != -p ] || form='%P %m %T@ '
	(cd "$1" && find . -type f -printf "$form" -exec sh -c \
	    'sha256sum <"$1"' - {} \; | sort; find . -type d | sort)
}

# same_tree WHAT LOCAL-FOLDER FOLDER-INSIDE [-p]
same_tree()
{
	diff <(listing "$2" "${4:-}") <(sg_ssh sandbox \
	    "$(declare -f listing); listing ${3@Q} ${4:-}") || fail "$1: differs"
}

# The packages of npm/package.json are then in $npm.
needs_npm()
{
	npm=$("$here/npm/install" --have) ||
	    skip 'npm packages are missing: run tests/regress/npm/install'
	npm=$npm/node_modules
}
