# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# Sandboxes made on connect, for the scripts new*.sh.

# new_id FILE: the id in the line that a client's standard error must be.
new_id()
{
	local id ends=${2:-ends when you disconnect}

	id=$(sed -n 's/^sandgate: \(sb_[0-9a-z]\{12\}\): new, .*/\1/p' "$1")
	assert_eq 'standard error' "$(tr -d '\r' <"$1")" \
	    "sandgate: $id: new, from template base; $ends"
	echo "$id"
}

is_listed()
{
	sg list --json | sg_ids >"$tmp/ids"
	grep -qxF "$1" "$tmp/ids"
}

is_gone()
{
	! is_listed "$1"
}

nothing_is_left()
{
	sg_inventory >"$tmp/inventory"
	is_gone "$1" && [ ! -e "$SG_RUN/init/$1.sock" ] &&
	    ! grep -qF "$1" "$tmp/inventory"
}

# assert_ends ID: soon it is gone, and nothing of it is left.
assert_ends()
{
	sg_within 150 nothing_is_left "$1" ||
	    fail "left of $1: $(sg_inventory | grep -F "$1"; sg get "$1")"
}
