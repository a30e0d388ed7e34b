#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: files that are none, or odd ones: a TiB of hole, FIFOs, sockets, devices,
# links to nothing and to themselves, names of any bytes. Each is answered by
# what it is or by what is wrong with it, and none holds anybody up.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'

id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'
inside() { sg exec "$id" -- sh -c "$1" </dev/null; }
code()
{
	curl -sS -m 120 --unix-socket "$SG_RUN/api.sock" -o "$tmp/reply" \
	    -w '%{http_code}' "${@:1:$#-1}" "http://x/v1/sandboxes/$id/files${*: -1}"
}
# says STATUS MESSAGE ARGUMENT...: curl's; the words are about the path.
says()
{
	assert_eq "${*:3}" "$(code "${@:3}")" "$1"
	assert_match "${*:3}" "$(jq -r .error.message "$tmp/reply")" "^path: .*$2"
	[ "$1" != 400 ] || assert_eq "${*:3}" "$(jq -r .error.field \
	    "$tmp/reply")" path
}
echo new >"$tmp/new"
long=$(printf 'x%.0s' {1..255})
inside 'mkdir -p odd/up; cd odd; truncate -s 1T sparse; printf end >>sparse
    truncate -s 2T hole; mkfifo fifo; python3 -c "
import socket
socket.socket(socket.AF_UNIX).bind(\"socket\")
for name in b\"\xff\xfe\", b\"new\nline\", b\"x\" * 255, b\"\xc3\xa4\" * 127:
    open(name, \"w\").write(\"old\")"
    ln -s made nothing; ln -s a/b/made far; ln -s ../up/made up/back
    ln -s loop loop; ln -s two one; ln -s one two
    ln -s /root/x shut; ln -s /etc/shadow shadow'

# More than there is room for anywhere.
assert_eq 'its size' "$(code '/stat?path=odd/sparse')$(jq .size_bytes \
    "$tmp/reply")" 2001099511627779
assert_eq 'its end' "$(code -r 1099511627775- '?path=odd/sparse')$(tr '\0' . \
    <"$tmp/reply")" 206.end
assert_eq 'no text' "$(code '/search?path=odd&text=end')$(jq -c .matches \
    "$tmp/reply")" '200[]'
for gzip in 0 1; do
	assert_eq 'out' "$(code "/tar?path=odd&gzip=$gzip")" 200
	mkdir "$tmp/out-$gzip"
	tar -C "$tmp/out-$gzip" -xf "$tmp/reply" 2>/dev/null
	assert_eq 'sizes' "$(cd "$tmp/out-$gzip" && stat -c %s sparse hole)" \
	    $'1099511627779\n2199023255552'
	assert_eq 'its end' "$(tail -c 4 "$tmp/out-$gzip/sparse" | tr '\0' .)" \
	    .end
	[ "$(du -sk "$tmp/out-$gzip" | cut -f1)" -lt 1000 ] || fail 'no holes'
	assert_eq 'what is there' "$(cd "$tmp/out-$gzip" && find . | sort)" \
	    "$(inside 'cd odd; find . ! -type p ! -type s | LC_ALL=C.UTF-8 sort')"
done
assert_eq 'in' "$(code -T "$tmp/reply" '/tar?path=back')" 200
assert_eq 'holes stay' "$(inside 'cd back; stat -c %s sparse hole
    [ $(du -sk . | cut -f1) -lt 1000 ] && tail -c 3 sparse')" \
    $'1099511627779\n2199023255552\nend'

# What is no file, and where no way leads.
for path in odd/fifo odd/socket /dev/null /dev/tty; do
	says 400 'is no regular file' "?path=$path"
	says 400 'is no regular file' -T "$tmp/new" "?path=$path"
	says 409 'Not a directory' "/list?path=$path"
	says 409 'Not a directory' "/tar?path=$path"
	says 409 'Not a directory' "/search?path=$path&name=x"
	assert_eq "$path" "$(code "/stat?path=$path")$(jq -r .type \
	    "$tmp/reply")" 200other
done
for path in odd/loop odd/one; do
	says 400 'Too many levels' "?path=$path"
	says 400 'Too many levels' -T "$tmp/new" "?path=$path"
done
for path in odd/shut odd/shadow; do
	says 403 'Permission denied' "?path=$path"
	says 403 'Permission denied' -T "$tmp/new" "?path=$path"
done
says 404 'No such file' '?path=odd/nothing'
says 400 'at most 255 bytes' -T "$tmp/new" "?path=odd/x$long"
says 400 'too long' "/stat?path=odd/x$long"
for path in nothing far up/back; do
	assert_eq "$path" "$(code -T "$tmp/new" "?path=odd/$path")" 200
done
assert_eq 'made where they led' \
    "$(inside 'cd odd; cat made a/b/made up/made')" $'new\nnew\nnew'
assert_eq 'all are what they were' "$(inside 'cd odd; stat -c %F fifo socket \
    loop one shut shadow nothing far up/back' | sort | uniq -c | tr -s ' ')" \
    $' 1 fifo\n 1 socket\n 7 symbolic link'

# Names.
umlauts=$(printf '%%C3%%A4%.0s' {1..127})
for name in %FF%FE new%0Aline "$long" "$umlauts"; do
	assert_eq "get $name" "$(code "?path=odd/$name")$(cat "$tmp/reply")" \
	    200old
	assert_eq "put $name" "$(code -T "$tmp/new" "?path=odd/$name")" 200
	says 409 '(Not a directory)?' "/list?path=odd/$name"
	assert_eq "stat $name" "$(code "/stat?path=odd/$name")" 200
	assert_eq "rm $name" "$(code -X DELETE "?path=odd/$name")" 204
done
says 404 $'"odd/\357\277\275\357\277\275": No such file' '?path=odd/%FF%FE'

# What may be read, and nothing in it looked at, is not empty.
inside 'mkdir odd/names; echo x >odd/names/x; chmod 444 odd/names'
says 403 'Permission denied' '/list?path=odd/names'
says 403 'Permission denied' '/tar?path=odd/names'
inside 'chmod 755 odd/names'

# One that hangs holds up nobody else.
curl -sSN -m 120 --unix-socket "$SG_RUN/api.sock" -o "$tmp/watched" \
    "http://x/v1/sandboxes/$id/files/watch?path=odd" &
watch=$!
sg_wait_for grep -q watching "$tmp/watched" || fail 'no watch'
inside 'pkill -STOP -f "^sandbox-files"' || fail 'not there'
assert_eq 'another' "$(code '?path=odd/made')" 200
inside 'pkill -CONT -f "^sandbox-files"; rm -r odd'
wait $watch || fail 'what hung does not go on'
assert_eq 'it goes on' "$(tail -n 1 "$tmp/watched" | jq -r .event)" end

# A file system that hangs is mounted in namespaces of its own, and whoever is
# outside of those is refused.
nest=$(sg create --nesting 2>/dev/null)
at_exit 'sg destroy "$nest"'
cat >"$tmp/hang.py" <<'END'
import ctypes, os, time
fuse = os.open("/dev/fuse", os.O_RDWR)
os.mkdir("/tmp/m")
assert ctypes.CDLL(None).mount(b"fuse", b"/tmp/m", b"fuse", 0, b"fd=%d,"
    b"rootmode=40000,user_id=0,group_id=0,allow_other" % fuse) == 0
print(os.getpid(), flush=True)
time.sleep(1000)
END
id=$nest
assert_eq 'who hangs' "$(code -T "$tmp/hang.py" '?path=hang.py')" 200
pid=$(inside 'setsid unshare -Urm python3 hang.py >said 2>&1 &
    for n in $(seq 300); do [ -s said ] && break; sleep 0.1; done; cat said')
assert_match 'it is mounted' "$pid" '^[0-9]+$'
for path in '?path=' /list?path= /stat?path= /tar?path=; do
	says 403 'Permission denied' "$path/proc/$pid/root/tmp/m"
done
says 403 'Permission denied' "/tar?path=/proc/$pid/root/tmp"
says 403 'Permission denied' -T "$tmp/new" "?path=/proc/$pid/root/tmp/m/x"
