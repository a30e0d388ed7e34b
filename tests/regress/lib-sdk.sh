# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# What the scripts that drive other products' SDKs share: those as npm has them,
# the API on loopback, and a token. Where they are but a part of what is tested,
# sdk_is_optional=1 before: then sdk is empty where there is none.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
needs_product 'what other products have'
if sdk=$("$here/npm/install" --have sdk); then
	sdk=$sdk/node_modules
elif [ -z "${sdk_is_optional:-}" ]; then
	skip 'npm packages are missing: run tests/regress/npm/install'
fi
api_url=http://127.0.0.1:$SG_API_PORT
token=$(sg token create "sdk-$$" 2>/dev/null)
token_id=$(sg token list --json |
    jq -r --arg name "sdk-$$" '.tokens[] | select(.name == $name).id')
at_exit 'sg token revoke "$token_id"'

# run_steps FILE: node runs it, a step a line on its output; a line that begins
# with "FAIL" is one that is wrong.
run_steps()
{
	ln -sfn "$sdk" "$tmp/node_modules"
	cp "$1" "$here/steps.js" "$here/methods.js" "$tmp/"
	(cd "$tmp" && timeout "${SG_TIMEOUT:-300}" node "$(basename "$1")") |
	    tee "$tmp/steps" || fail "$1 ended with $?"
	! grep -q '^FAIL' "$tmp/steps" || fail 'see above'
	# Each file says how many it has, so that none is missed.
	assert_match 'the last line' "$(tail -1 "$tmp/steps")" '^[0-9]+ steps$'
	is_documented "$(basename "$1")"
}

# has_called_all: what run_steps has run since STEPS_METHODS, a package, and
# STEPS_CALLED, a file, were exported has called every method of that package.
has_called_all()
{
	(cd "$tmp" && node methods.js) || fail 'see above'
}

# is_documented FILE: docs/COMPATIBILITY.md has, below the line that names the
# file, what has just been seen to work, to differ (how), or to be refused (why).
# SG_PRINT=1 writes it.
is_documented()
{
	local page=$top/docs/COMPATIBILITY.md begin="<!-- $1 -->"

	{
		printf '\n| what | here |\n|---|---|\n'
		sed -n -e 's/^ok \(.*\)$/| \1 | works |/p' \
		    -e 's/^\(differs\|refused\) \(.*\) | \(.*\)$/| \2 | \1: \3 |/p' \
		    "$tmp/steps"
		echo
	} >"$tmp/table"
	if [ -n "${SG_PRINT:-}" ]; then
		awk -v begin="$begin" -v table="$tmp/table" '
		    $0 == begin { print; skip = 1
			while ((getline line <table) > 0) print line }
		    skip && /^<!-- end -->$/ { skip = 0 }
		    !skip { if ($0 != begin) print }' "$page" >"$tmp/page"
		cat "$tmp/page" >"$page"
	fi
	sed -n "/^$begin\$/,/^<!-- end -->\$/p" "$page" | sed '1d;$d' |
	    diff -u - "$tmp/table" ||
	    fail "docs/COMPATIBILITY.md says other; SG_PRINT=1 prints it"
}
