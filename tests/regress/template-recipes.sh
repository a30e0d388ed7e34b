#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: the recipes node and code_interpreter are built, side by side, where
# Debian's mirrors are reached, and what is made of them does what they are for.
# Whole they take minutes, so on a host that has not built them they are built
# without npm, scipy, IPython and Node.js for Python; SG_FULL_RECIPES=1 has them
# whole. What packages come to is kept from run to run, by the hash of recipe and
# base: then only the steps are run again, on that.
# shellcheck source=tests/regress/lib-sdk.sh
sdk_is_optional=1
. "$(dirname "$0")/lib-sdk.sh"
SG_CACHE=${SG_CACHE:-/var/cache/sandgate-regress}
at=$RANDOM

# cached NAME: where what its packages come to is kept.
cached()
{
	echo "$SG_CACHE/recipe-$1-$(cat "$tmp/$1.ini" \
	    "$SG_STATE/templates/base/template.conf" | sha256sum |
	    cut -c1-12).tar"
}

# choose NAME: the recipe as it is shipped, or without what takes longest.
choose()
{
	cp "$top/etc/templates/$1.ini" "$tmp/$1.ini"
	is_full=1
	[ -z "${SG_FULL_RECIPES:-}" ] && [ ! -e "$(cached "$1")" ] || return 0
	is_full=
	sed -i '/^packages/s/ \(npm\|python3-scipy\|python3-requests\|ipython3\)//g
	    /^packages = python3-matplotlib/s/ nodejs//
	    /^run/s/ && npm.*//; s/ scipy,//; s/, requests, IPython//
	    ' "$tmp/$1.ini"
	[ "$1" = node ] || sed -i '/^run = node/d' "$tmp/$1.ini"
}

# keep NAME VERSION: what of it lies on its base, whiteouts and all.
keep()
{
	local file

	file=$(cached "$1")
	mkdir -p "$SG_CACHE"
	tar --xattrs --xattrs-include='*' -C "$SG_STATE/disks/.layers/$2/up" \
	    -cf "$file.$$" . && mv "$file.$$" "$file"
}

# from_cache NAME: the recipe without its packages, on a template of them.
from_cache()
{
	local id parent=kept-$1-$at

	id=$(sg create --disk 10G 2>/dev/null)
	sg stop "$id"
	tar --xattrs --xattrs-include='*' -C "$SG_STATE/disks/$id/up" -xpf \
	    "$(cached "$1")"
	sg template create "$parent" --from "$id" --shared >/dev/null
	sg destroy "$id"
	sed "/^packages/d; /^npm *=/d; s/^parent.*/parent = $parent/" \
	    "$tmp/$1.ini" >"$tmp/$1-kept.ini"
	sg template build "$1-$at" --recipe "$tmp/$1-kept.ini"
}

build()
{
	local version

	if [ -e "$(cached "$1")" ]; then
		from_cache "$1"
		return
	fi
	version=$(sg template build "$1-$at" --recipe "$tmp/$1.ini" |
	    tee /dev/stderr | tail -n 1)
	keep "$1" "$version"
}

choose code_interpreter
has_all=$is_full
choose node
if [ ! -e "$(cached node)" ] || [ ! -e "$(cached code_interpreter)" ]; then
	sg exec "$SG_SANDBOX" --root -- timeout 60 apt-get -q update \
	    -o APT::Update::Error-Mode=any >/dev/null 2>&1 ||
	    skip 'a sandbox reaches no mirror of Debian'
fi
for name in node code_interpreter; do
	at_exit "sg template rm $name-$at kept-$name-$at"
	build "$name" >"$tmp/$name.log" 2>&1 &
	builds[$!]=$name
done
for pid in "${!builds[@]}"; do
	wait "$pid" || fail "${builds[pid]}: $(tail -n 5 "$tmp/${builds[pid]}.log")"
done

node=$(sg create --template "node-$at" 2>/dev/null)
at_exit "sg destroy $node"
assert_eq 'node' "$(sg exec "$node" -- node -e \
    'console.log([1, 2].map(x => x * 21).join())')" 21,42
[ -z "$is_full" ] ||
    assert_match 'npm' "$(sg exec "$node" -- npm --version)" '^[0-9]+\.'
assert_eq 'its folder' "$(sg exec "$node" -- pwd)" /workspace

python=$(sg create --template "code_interpreter-$at" 2>/dev/null)
at_exit "sg destroy $python"
cat >"$tmp/plot.py" <<'END'
import matplotlib.pyplot as plot, numpy, pandas
frame = pandas.DataFrame({"x": numpy.arange(4), "y": numpy.arange(4) ** 2})
print(frame.y.sum())
frame.plot(x="x", y="y")
END
sg run-python "$python" "$tmp/plot.py" --json >"$tmp/results"
assert_match 'what it prints' "$(cat "$tmp/results")" '14\\n'
jq -r '.. | .png? // empty' "$tmp/results" | head -n 1 | base64 -d \
    >"$tmp/plot.png"
assert_eq 'a plot' "$(head -c 8 "$tmp/plot.png" | od -An -tx1)" \
    ' 89 50 4e 47 0d 0a 1a 0a'
[ -z "$has_all" ] ||
    assert_eq 'node beside it' "$(sg exec "$python" -- node -p 6*7)" 42
if [ -n "$sdk" ]; then
	export E2B_API_URL=$api_url E2B_SANDBOX_URL=$api_url E2B_API_KEY=$token
	CHARTS=sb-${python#sb_} run_steps "$here/client-e2b-charts.js"
	NODE=sb-${node#sb_} run_steps "$here/client-contexts-node.js"
fi
