#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: 2 000 small files in one request, each whole; and no more of them than a
# request may have.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'

id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'
mkdir "$tmp/small"
for ((n = 0; n < 2049; n++)); do
	printf '%d\n' "$n" >"$tmp/small/$n"
done
# form COUNT: a configuration of curl's with so many of them.
form()
{
	local n

	for ((n = 0; n < $1; n++)); do
		printf 'form = "f=@%s/small/%d;filename=%d"\n' "$tmp" "$n" "$n"
	done
}
# upload COUNT FOLDER: the status; the answer is in $tmp/answer.
upload()
{
	form "$1" | curl -sS -m 300 --unix-socket "$SG_RUN/api.sock" -K - \
	    -o "$tmp/answer" -w '%{http_code}' \
	    "http://x/v1/sandboxes/$id/files?path=$2"
}

assert_eq '2 000 in one' "$(upload 2000 many)" 200
assert_eq 'each is told of' "$(jq -c \
    '[(.files | length), ([.files[].size_bytes] | add)]' "$tmp/answer")" \
    '[2000,8890]'
assert_eq 'and there, whole' "$(sg exec "$id" -- sh -c 'cd ~/many &&
    ls | wc -l && seq 0 1999 | xargs cat | cmp - /dev/fd/3 3<<END
$(seq 0 1999)
END')" 2000
assert_eq 'one too many' "$(upload 2049 more)" 413
assert_match 'is told so' "$(cat "$tmp/answer")" \
    '"at most 2048 files can be written by one request"'
assert_eq 'and those before it are written' \
    "$(sg exec "$id" -- sh -c 'ls ~/more | wc -l')" 2048
