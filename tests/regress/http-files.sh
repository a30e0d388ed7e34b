#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: files by the API: whole or not there at all, in any size, as the
# sandbox's user and nobody else.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'

api=http://x/v1/sandboxes/$SG_SANDBOX/files
curl=(curl -sS -m 600 --unix-socket "$SG_RUN/api.sock")
json=(-H 'Content-Type: application/json')
code() { "${curl[@]}" -o "$tmp/reply" -w '%{http_code}' "$@"; }
inside() { sg_ssh sandbox "$@"; }
# field NAME: of the JSON in $tmp/reply.
field()
{
	/usr/bin/python3 -c 'import json, sys
print(eval(sys.argv[2], {"it": json.load(open(sys.argv[1]))}))' \
	    "$tmp/reply" "it$1"
}
# fails CODE STATUS ARGUMENT...: curl's.
fails()
{
	assert_eq "${*:3}" "$(code "${@:3}")" "$2"
	assert_eq "${*:3}" "$(field '["error"]["code"]')" "$1"
}
at_exit 'inside "chmod -R u+w api; rm -rf api"'
inside 'rm -rf api'
cd "$tmp"

# There and back, of several sizes and by either framing.
for size in 0 1 65535 65536 65537 5000000; do
	head -c $size /dev/urandom >"of-$size"
	sum=$(sha256sum <"of-$size")
	for framing in X-Nothing:\ 1 Transfer-Encoding:\ chunked; do
		# curl never ends an empty body in chunks.
		[ "$size$framing" != '0Transfer-Encoding: chunked' ] || continue
		path=api/new/folder/$size-${framing%%:*}
		assert_eq "put $size" "$(code -T "of-$size" -H "$framing" \
		    "$api?path=$path")" 200
		assert_eq "sum of $size" "$(field '["sha256"]')" "${sum%% *}"
		assert_eq "size of $size" "$(field '["size_bytes"]')" $size
		assert_eq "what is there" "$(inside "sha256sum <$path")" "$sum"
		assert_eq "get $size" "$(code "$api?path=$path")" 200
		cmp reply "of-$size" || fail "got $size"
	done
done
assert_eq 'owner and mode' "$(inside 'stat -c "%U %a" api/new/folder/0-*')" \
    'sandbox 644'
assert_eq 'nothing else is there' \
    "$(inside 'ls -A api/new/folder | grep -c sandgate')" 0

# Modes, links, and what is in the way.
inside 'cd api; echo old >old; chmod 751 old; ln -s old link; mkfifo fifo;
    mkdir full; echo x >full/x; mkdir closed; chmod 0 closed'
assert_eq 'replaced' "$(code -T of-1 "$api?path=api/link")" 200
assert_eq 'its mode stays, and the link' \
    "$(inside 'stat -c "%a %s %F" api/old api/link')" \
    $'751 1 regular file\n777 3 symbolic link'
assert_eq 'with a mode' "$(code -T of-1 "$api?path=api/old&mode=600")" 200
assert_eq 'the mode' "$(inside 'stat -c %a api/old')" 600
fails conflict 409 -T of-1 "$api?path=api/full"
fails invalid_argument 400 -T of-1 "$api?path=api/fifo"
fails permission_denied 403 -T of-1 "$api?path=api/closed/x"
fails permission_denied 403 -T of-1 "$api?path=/etc/shadow"
fails conflict 409 -T of-1 "$api?path=api/old/x"
fails invalid_argument 400 -T of-1 "$api?path=api/x&mode=9"
fails invalid_argument 400 -T of-1 "$api"
assert_eq 'which one' "$(field '["error"]["field"]')" path
fails permission_denied 403 "$api?path=/etc/shadow"
fails not_found 404 "$api?path=api/none"
fails conflict 409 "$api?path=api/full"
fails invalid_argument 400 "$api?path=api/fifo"
fails permission_denied 403 "http://x/v1/sandboxes/$SG_FOREIGN/files?path=/etc/passwd"
fails not_found 404 -T of-5000000 \
    "http://x/v1/sandboxes/sb_000000000000/files?path=x"
fails invalid_argument 400 "$api?path=/etc/passwd%00x"
fails invalid_argument 400 "$api?path=$(printf 'x%.0s' {1..300})"

# Ranges.
range() { code -r "$1" "$api?path=api/new/folder/65537-X-Nothing"; }
piece() { head -c $(($1 + $2)) of-65537 | tail -c "$2" | cmp - reply; }
assert_eq 'a range' "$(range 10-19)" 206
piece 10 10 || fail '10-19'
assert_eq 'to the end' "$(range 65000-)" 206
piece 65000 537 || fail '65000-'
assert_eq 'the last' "$(range -7)" 206
piece 65530 7 || fail '-7'
assert_eq 'past the end' "$(range 65536-99999)" 206
piece 65536 1 || fail '65536-99999'
assert_eq 'beyond' "$(range 65537-)" 416
assert_eq 'two' "$(range 0-1,3-4)" 200
assert_eq 'a long one' "$(code -r 1000001-4999998 \
    "$api?path=api/new/folder/5000000-X-Nothing")" 206
assert_eq 'its bytes' "$(stat -c %s reply)" 3999998
cmp -i 1000001:0 -n 3999998 of-5000000 reply || fail 1000001-4999998
head=$("${curl[@]}" -I "$api?path=api/new/folder/65537-X-Nothing")
assert_match head "$head" 'Content-Length: 65537'
etag=$(sed -n 's/^ETag: \(.*\)\r$/\1/p' <<<"$head")
assert_eq 'not modified' "$(code -H "If-None-Match: $etag" \
    "$api?path=api/new/folder/65537-X-Nothing")" 304
assert_eq 'a range of what it was' "$(code -r 0-0 -H 'If-Range: "old"' \
    "$api?path=api/new/folder/65537-X-Nothing")" 200
assert_eq 'a range of what it is' "$(code -r 0-0 -H "If-Range: $etag" \
    "$api?path=api/new/folder/65537-X-Nothing")" 206
assert_eq 'a file without a size' "$(code "$api?path=/proc/self/status")" 200

# Names.
assert_eq 'stat of a link' "$(code "$api/stat?path=api/link")" 200
assert_eq 'stat of a link' "$(field '["type"], it["target"]')" \
    "('link', 'old')"
assert_eq mkdir "$(code "${json[@]}" -d '{"path":"api/a/b/c"}' \
    "$api/mkdir")" 200
assert_eq 'mkdir again' "$(code "${json[@]}" -d '{"path":"api/a/b/c"}' \
    "$api/mkdir")" 200
fails conflict 409 "${json[@]}" -d '{"path":"api/old"}' "$api/mkdir"
fails already_exists 409 "${json[@]}" \
    -d '{"path":"api/a","target":"api/full"}' "$api/move"
assert_eq move "$(code "${json[@]}" \
    -d '{"path":"api/a/b/c","target":"api/moved"}' "$api/move")" 200
assert_eq 'move over' "$(code "${json[@]}" \
    -d '{"path":"api/old","target":"api/full/x","replace":true}' \
    "$api/move")" 200
fails conflict 409 -X DELETE "$api?path=api/full"
assert_eq 'rm -r' "$(code -X DELETE "$api?path=api/full&recursive=1")" 204
assert_eq rm "$(code -X DELETE "$api?path=api/link")" 204
fails not_found 404 -X DELETE "$api?path=api/link"
inside 'printf x >"$(printf "api/moved/\303\244 \377\n\"")"
    cd api/moved; for i in $(seq 3000); do : >$i; done'
assert_eq list "$(code "$api/list?path=api/moved")" 200
assert_eq 'how many' "$(field '["entries"].__len__()')" 3001
assert_eq 'an odd name' "$(field '["entries"].__str__().count("ä �\\n\"")')" 2
fails conflict 409 "$api/list?path=/etc/passwd"
fails not_found 404 "$api/list?path=api/none"

# What is cut leaves nothing: neither the file nor a part of it.
upload()
{
	/usr/bin/python3 - "$SG_RUN/api.sock" "$1" <<'END_OF_PYTHON'
import socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
sock.sendall(b'PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n'
    % sys.argv[2].encode() + b'x' * 500000)
sock.close()
END_OF_PYTHON
}
before=$(inside 'ls -A api | wc -l')
upload "${api#http://x}?path=api/cut"
upload "${api#http://x}?path=api/old-2"
sg_wait_for inside '! pgrep -f "^sandbox-files"' || fail 'they go on'
is_as_before() { [ "$(inside 'ls -A api | wc -l')" = "$before" ]; }
sg_wait_for is_as_before || fail "left of it: $(inside 'ls -A api')"

# One that becomes shorter while it is read is cut, and not filled up.
inside 'head -c 50000000 /dev/zero >api/shrinks'
mkfifo slow
"${curl[@]}" -o slow "$api?path=api/shrinks" 2>/dev/null &
reader=$!
exec 7<slow
assert_eq 'it has begun' "$(head -c 1 <&7 | wc -c)" 1
inside ': >api/shrinks'
cat <&7 >/dev/null
exec 7<&-
if wait "$reader"; then fail 'it came whole'; fi
inside 'rm api/shrinks'

# Many in one request: in order, where their names say, each whole or not.
part() { printf 'f=@%s;filename="%s"' "$1" "$2"; }
assert_eq parts "$(code -F "$(part of-5000000 many/big)" \
    -F "$(part of-0 many/empty)" -F "$(part of-65537 '/tmp/api-absolute')" \
    -F "$(part of-1 'many/é \"x\"')" "$api?path=api&mode=640")" 200
assert_eq 'what is told' "$(field '["files"].__len__()')" 4
assert_eq 'in order' "$(field '["files"][3]["path"]')" 'api/many/é "x"'
assert_eq 'its sum' "$(field '["files"][0]["sha256"]')" \
    "$(sha256sum <of-5000000 | cut -d' ' -f1)"
assert_eq 'what is there' "$(inside 'cat api/many/big api/many/empty \
    /tmp/api-absolute "api/many/é \"x\"" | sha256sum; stat -c %a api/many/big
    rm /tmp/api-absolute')" "$(cat of-5000000 of-65537 of-1 | sha256sum)
640"
fails permission_denied 403 -F "$(part of-1 api/first)" \
    -F "$(part of-1 api/closed/x)" -F "$(part of-5000000 api/last)" "$api"
assert_match 'which one' "$(field '["error"]["message"]')" 'api/closed/'
assert_eq 'those before it' "$(inside 'ls api/first api/last 2>/dev/null')" \
    api/first
fails invalid_argument 400 -F name=value "$api"
fails unsupported_type 415 -d x "$api"
fails invalid_argument 400 -H 'Content-Type: multipart/form-data; boundary=x' \
    --data-binary '--y' "$api"
fails not_found 404 -F "$(part of-5000000 x)" \
    http://x/v1/sandboxes/sb_000000000000/files
inside 'rm -rf api/many api/first'

# A disk that is full, told while curl still sends.
small=$("${curl[@]}" "${json[@]}" -d '{"disk":"64M"}' http://x/v1/sandboxes |
    /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])')
at_exit '"${curl[@]}" -X DELETE "http://x/v1/sandboxes/$small"'
smalls=http://x/v1/sandboxes/$small/files
case $(sg status --json | jq -r .sandboxd.disk_backend) in
plain) ;; # these disks have no limit
*)	fails disk_full 507 -T - "$smalls?path=huge" < <(head -c 400M /dev/zero)
	assert_eq 'nothing of it' "$(code "$smalls/stat?path=huge")" 404 ;;
esac
assert_eq 'and room again' "$(code -T of-5000000 "$smalls?path=x")" 200

# Many at once, and nothing of them in gateway-http's memory.
http=$(sg_children "$(sg_pid gateway)" gateway-http)
head -c 100000000 /dev/zero >large
sum=$(sha256sum <large)
once() { awk '$1 == "VmHWM:" {print $2}' "/proc/$http/status"; }
before=$(once)
for i in 1 2 3 4 5; do
	"${curl[@]}" -T large "$api?path=api/large-$i" >"sum-$i" &
done
wait
assert_eq 'five up' "$(grep -c "\"${sum%% *}\"" sum-? | grep -c ':1$')" 5
for i in 1 2 3 4 5; do
	"${curl[@]}" "$api?path=api/large-$i" | sha256sum >"sum-$i" &
done
wait
assert_eq 'five down' "$(sort -u sum-?)" "$sum"
echo "memory: $before KiB before, $(once) KiB after"
# The sanitizer keeps what was freed for a while.
grep -q asan "/proc/$http/maps" || [ "$(once)" -lt $((before + 50000)) ] ||
	fail 'it keeps what passes'
