#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: files by the API: permissions and owners, and what is found by its name
# and by what it says, as the sandbox's user and within limits.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'

api=http://x/v1/sandboxes/$SG_SANDBOX/files
curl=(curl -sS -m 120 --unix-socket "$SG_RUN/api.sock")
inside() { sg_ssh sandbox "$@"; }
at_exit 'inside "chmod -R u+rwX found; rm -rf found"'
# change STATUS JSON; search STATUS WORDS...: curl's queries.
change()
{
	assert_eq "chmod $2" "$("${curl[@]}" -o "$tmp/reply" -w '%{http_code}' \
	    -H 'Content-Type: application/json' -d "$2" "$api/chmod")" "$1"
}
search()
{
	local words=() word

	for word in "${@:2}"; do words+=(--data-urlencode "$word"); done
	assert_eq "search ${*:2}" "$("${curl[@]}" -o "$tmp/reply" \
	    -w '%{http_code}' -G "${words[@]}" "$api/search")" "$1"
}
matches() { jq -c '[.matches[] | .path] | sort' "$tmp/reply"; }

inside 'rm -rf found; mkdir -p found/deep/er found/closed; cd found
    printf "one\nTwo (x)\nthree\n" >a.txt; echo "two" >deep/b.txt
    printf "two\0" >binary; : >deep/er/c.log; ln -s /etc/passwd link
    ln -s ../.. deep/up; mkfifo fifo; echo two >closed/d.txt; chmod 0 closed
    { head -c 70000 /dev/zero | tr "\0" y; printf "two\nzwei\n"; } >long
    printf "bad \377 two\n" >bad'

change 200 '{"path":"found/a.txt","mode":"0640"}'
assert_eq 'what is told' "$(jq -r .mode "$tmp/reply")" 0640
change 200 '{"path":"found/deep","mode":"2750","recursive":true}'
assert_eq 'all of it, but what links lead to' \
    "$(inside 'cd found; stat -c %a a.txt deep deep/er deep/b.txt ../found')" \
    $'640\n2750\n2750\n2750\n755'
change 403 '{"path":"/etc/passwd","mode":"0666"}'
change 403 '{"path":"found/a.txt","owner":"root"}'
change 200 '{"path":"found/a.txt","owner":"sandbox:sandbox"}'
change 400 '{"path":"found/a.txt","owner":"nobody-here"}'
change 400 '{"path":"found/a.txt","mode":"9"}'
change 400 '{"path":"found/a.txt"}'
change 404 '{"path":"found/none","mode":"0640"}'
assert_eq 'as it was' "$(inside stat -c %a found/a.txt)" 640

search 200 path=found 'name=*.txt'
assert_eq 'by name' "$(matches)" '["found/a.txt","found/deep/b.txt"]'
search 200 path=found 'name=deep/*'
assert_eq 'by path' "$(matches)" \
    '["found/deep/b.txt","found/deep/er","found/deep/er/c.log","found/deep/up"]'
search 200 path=found text=two
assert_eq 'by text, not in what is binary, closed or a link' "$(matches)" \
    '["found/bad","found/deep/b.txt"]'
search 200 path=found 'text=TWO (' ignore_case=1
assert_eq 'words as they are' "$(jq -c '.matches[]' "$tmp/reply")" \
    '{"path":"found/a.txt","type":"file","line":2,"text":"Two (x)"}'
search 200 path=found 'text=^(one|zwei)$' regex=1
assert_eq 'an expression' \
    "$(jq -c '[.matches[] | [.path, .line]] | sort' "$tmp/reply")" \
    '[["found/a.txt",1],["found/long",2]]'
search 200 path=found 'name=*.txt' text=o limit=1
assert_eq 'no more than that' "$(jq -c '[.matches | length], .truncated_by' \
    "$tmp/reply")" $'[1]\n"limit"'
search 200 path=/ name=passwd
assert_match 'from the root' "$(matches)" '"/etc/passwd"'
[[ $(matches) != */proc/* ]] || fail 'it goes through /proc'
search 400 path=found
search 400 path=found 'text=(' regex=1
search 400 path=found text=x limit=0
search 400 path=found text=x regex=2
search 404 path=found/none text=x
search 409 path=found/a.txt text=x
# Takes more memory than a search may; not the sandbox's.
search 400 path=found 'text=((((a{1,200}){1,200}){1,200}){1,200}){1,200}' regex=1
