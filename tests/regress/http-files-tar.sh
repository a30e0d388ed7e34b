#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: a folder out and in as a tar archive by the API: names, modes, times and
# links as they were; what an archive says reaches nothing outside of the folder;
# one that is cut, or cannot be, leaves no part of a file.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'

api=http://x/v1/sandboxes/$SG_SANDBOX/files/tar
curl=(curl -sS -m 600 --unix-socket "$SG_RUN/api.sock")
inside() { sg_ssh sandbox "$@"; }
code() { "${curl[@]}" -o "$tmp/reply" -w '%{http_code}' "$@"; }
at_exit 'inside "chmod -R u+rwX tar-*; rm -rf tar-* /tmp/tar-*"'
cd "$tmp"

mkdir -p in/deep/er in/empty
head -c 3000000 /dev/urandom >in/big
printf 'x' >"in/$(printf 'n%.0s' {1..200})"
printf 'y' >"in/$(printf 'odd \377 \303\244\n')"
ln -s deep/er in/link
ln -s /nowhere/at/all in/lost
ln in/big in/deep/same
truncate -s 5M in/deep/hole
printf z >>in/deep/hole
chmod 0751 in/big
chmod 0550 in/deep/er
find in -depth -exec touch -h -d 2001-02-03T04:05:06Z {} +
tree() { (cd "$1" && find . -mindepth 1 -printf '%P|%y|%m|%l|%Ts\n' | LC_ALL=C sort); }
sums() { (cd "$1" && find . -type f -exec sha256sum {} + | LC_ALL=C sort -k2); }
inside_tree() { inside "cd tar-$1 && find . -mindepth 1 \
    -printf '%P|%y|%m|%l|%Ts\n' | LC_ALL=C sort"; }

# There by each kind of archive, and back.
for kind in gnu pax ustar; do
	find in -name 'nnn*' -printf '%f\n' >names
	if [ $kind = ustar ]; then mapfile -t none < <(sed 's,^,--exclude=,' names); else none=(); fi
	tar --format=$kind "${none[@]}" -C in -cf $kind.tar . 2>/dev/null
	assert_eq "in by $kind" "$(code -T $kind.tar "$api?path=tar-$kind")" 200
	assert_eq 'of the archive' "$(jq -r .sha256 reply)" \
	    "$(sha256sum <$kind.tar | cut -d' ' -f1)"
done
assert_eq 'what is there' "$(inside_tree gnu)" "$(tree in)"
assert_eq 'by pax too' "$(inside_tree pax)" "$(tree in)"
assert_eq 'two names of one' "$(inside stat -c %h tar-gnu/big)" 2
assert_eq 'a hole stays one' "$(code -T - "$api?path=tar-hole" \
    < <(tar -C in --sparse -cf - deep/hole))" 200
assert_eq 'what is in it' "$(inside 'sha256sum <tar-hole/deep/hole')" \
    "$(sha256sum <in/deep/hole)"
assert_eq 'compressed' "$(code -T - "$api?path=tar-gzip" \
    < <(tar -C in -czf - .))" 200
assert_eq 'out' "$(code "$api?path=tar-gnu")" 200
mkdir out zipped && tar -C out -xpf reply
assert_eq 'as it was' "$(tree out)" "$(tree in)"
assert_eq 'its bytes' "$(sums out)" "$(sums in)"
assert_eq 'out, compressed' "$(code "$api?path=tar-gnu&gzip=1")" 200
tar -C zipped -xzpf reply
assert_eq 'the same' "$(tree zipped)" "$(tree in)"
chmod -R u+w in out zipped
assert_eq 'into what is there' "$(code -T gnu.tar "$api?path=tar-gnu")" 200

# Archives that mean harm, by each trick.
/usr/bin/python3 - <<'END_OF_PYTHON'
import io, tarfile
def make(name, *members):
    with tarfile.open(name, 'w') as archive:
        for path, kind, value in members:
            info = tarfile.TarInfo(path)
            info.type, info.mode = kind, 0o755
            data = None
            if kind == tarfile.REGTYPE:
                info.size, data = len(value), io.BytesIO(value)
            elif value:
                info.linkname = value
            archive.addfile(info, data)
FILE, LINK, HARD = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
first = ('first', FILE, b'1')
make('up', first, ('a/../../tar-evil', FILE, b'1'))
make('link', first, ('l', LINK, '/tmp'), ('l/tar-evil', FILE, b'1'))
make('climb', first, ('l', LINK, '../..'), ('l/tar-evil', FILE, b'1'))
make('fold', first, ('l', LINK, '/tmp'), ('l/tar-evil/', tarfile.DIRTYPE, ''))
make('hard', first, ('h', HARD, '../.profile'))
make('hard-link', first, ('l', LINK, '/etc'), ('h', HARD, 'l/passwd'))
make('device', first, ('d', tarfile.CHRTYPE, ''))
make('over', first, ('first/x', FILE, b'1'))
make('absolute', ('/tmp/tar-evil', FILE, b'1'))
make('replace', ('l', LINK, '/tmp/tar-evil'), ('l', FILE, b'new'))
END_OF_PYTHON
for trick in up link climb fold hard hard-link device over; do
	got=$(code -T $trick "$api?path=tar-evil/$trick")
	[[ $got =~ ^4 ]] || fail "$trick: $got: $(cat reply)"
	assert_match "$trick says why" "$(jq -r .error.message reply)" \
	    'folder|no file, folder or link|Not a directory'
	assert_eq "$trick: those before" "$(inside cat tar-evil/$trick/first)" 1
done
assert_eq 'from the root is from the folder' \
    "$(code -T absolute "$api?path=tar-in")" 200
assert_eq 'there' "$(inside cat tar-in/tmp/tar-evil)" 1
assert_eq 'a link is replaced' "$(code -T replace "$api?path=tar-in")" 200
assert_eq 'by a file' "$(inside cat tar-in/l)" new
assert_eq 'nothing outside' "$(inside 'ls -d /tmp/tar-evil* tar-evil/tar-evil \
    2>/dev/null')" ''

# No archive, half of one, and one that the client cuts.
assert_eq 'none' "$(echo hello | code -T - "$api?path=tar-none")" 400
assert_eq 'half' "$(head -c 1000000 gnu.tar |
    code -T - "$api?path=tar-half")" 400
assert_eq 'no part of a file' \
    "$(inside 'find tar-half -name "*big*" -o -name ".sandgate*"')" ''
{ head -c 1000000 gnu.tar; sleep 3; } |
    curl -s -m 2 --unix-socket "$SG_RUN/api.sock" -T - "$api?path=tar-cut" ||
    true
sg_wait_for inside '! pgrep -f "^sandbox-files"' || fail 'it goes on'
assert_eq 'nor of this' \
    "$(inside 'find tar-cut -name "*big*" -o -name ".sandgate*"')" ''

# What the user may not read is no part to be left out in silence.
inside 'mkdir tar-shut tar-shut/a; chmod 0 tar-shut/a'
assert_eq 'closed' "$(code "$api?path=tar-shut")" 403
assert_eq 'none there' "$(code "$api?path=tar-nowhere")" 404
assert_eq 'a file' "$(code "$api?path=/etc/passwd")" 409
assert_eq 'may not' "$(code -T gnu.tar "$api?path=/etc/tar")" 403
