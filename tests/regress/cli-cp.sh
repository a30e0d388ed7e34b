#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: cp copies both ways, and folders with -r.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product "the command line"

random_file 300000 "$tmp/file"
at_exit 'sg_ssh sandbox rm -rf cp-file cp-tree "cp ü"'
sg cp "$tmp/file" "$SG_SANDBOX:cp-file"
sg cp "$SG_SANDBOX:cp-file" "$tmp/back"
cmp "$tmp/file" "$tmp/back"
mkdir -p "$tmp/tree/a/b"
cp "$tmp/file" "$tmp/tree/a/b/"
sg cp -r "$tmp/tree" "$SG_SANDBOX:cp-tree"
sg cp -r "$SG_SANDBOX:cp-tree" "$tmp/tree-back"
diff -r "$tmp/tree" "$tmp/tree-back"
sg cp "$tmp/file" "$SG_SANDBOX:cp ü"
sg cp "$SG_SANDBOX:cp ü" "$tmp/named"
cmp "$tmp/file" "$tmp/named"
assert_eq 'missing file' "$(status_of sg cp "$SG_SANDBOX:none" "$tmp/none" \
    2>/dev/null)" 1
assert_eq 'no sandbox on either side' "$(status_of sg cp "$tmp/file" \
    "$tmp/none" 2>"$tmp/err")" 2

# Folders by the API alone, from afar: a token, no ssh, and the system's tar.
mkdir "$tmp/bin" "$tmp/tree/empty"
ln -s "$(command -v tar)" "$tmp/bin/tar"
chmod 640 "$tmp/tree/a/b/file"
chmod 711 "$tmp/tree/a"
ln -s /etc/passwd "$tmp/tree/link"
ln "$tmp/tree/a/b/file" "$tmp/tree/twice"
echo odd >"$tmp/tree/"$'a name\nof two lines \xff'
far() # by TCP
{
	PATH=$tmp/bin SANDGATE_TOKEN=$token "$BUILD/bin/sandgate" \
	    --api "http://127.0.0.1:$SG_API_PORT" "$@"
}
token=$(sg token create cp --scope read,exec,files 2>/dev/null)
at_exit 'sg_ssh sandbox rm -rf cp-far cp-into'
look() { (cd "$1" && find . -printf '%P %m %s %l\n' | LC_ALL=C sort); }
far cp -r "$tmp/tree" "$SG_SANDBOX:cp-far" 2>"$tmp/err"
assert_eq 'no progress where nobody watches' "$(cat "$tmp/err")" ''
far cp -r "$SG_SANDBOX:cp-far" "$tmp/far"
diff -r --no-dereference "$tmp/tree" "$tmp/far"
assert_eq 'modes, sizes and links' "$(look "$tmp/far" | grep -av '^[^ ]* [0-9]* 4096')" \
    "$(look "$tmp/tree" | grep -av '^[^ ]* [0-9]* 4096')"
# Into what is there already.
sg_ssh sandbox mkdir cp-into
far cp -r "$tmp/tree" "$SG_SANDBOX:cp-into/"
assert_eq 'by its name' "$(sg_ssh sandbox cat cp-into/tree/a/b/file | cksum)" \
    "$(cksum <"$tmp/file")"
mkdir "$tmp/into"
far cp -r "$SG_SANDBOX:cp-far" "$tmp/into"
diff -r --no-dereference "$tmp/tree" "$tmp/into/cp-far"
assert_eq 'what is not there' "$(status_of far cp -r "$tmp/none" \
    "$SG_SANDBOX:x" 2>/dev/null)" 1

# What comes out of a sandbox is whatever its programs say.
python3 - "$tmp/hostile" <<'END' &
import http.server
import io
import sys
import tarfile


def archive():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as tar:
        def add(name, kind=tarfile.REGTYPE, target='', data=b'', mode=0o644):
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size = kind, target, len(data)
            info.mode, info.devmajor, info.devminor = mode, 1, 3
            tar.addfile(info, io.BytesIO(data))
        add('good', data=b'good')
        add('suid', data=b'x', mode=0o6755)
        add('../evil', data=b'evil')
        add('/../evil2', data=b'evil')
        add('up', tarfile.SYMTYPE, '..')
        add('up/evil3', data=b'evil')
        add('abs', tarfile.SYMTYPE, '/proc/self/cwd')
        add('abs/evil4', data=b'evil')
        add('hard', tarfile.LNKTYPE, '../secret')
        add('null', tarfile.CHRTYPE)
    return out.getvalue()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        data = archive() if '/tar' in self.path else b'{"type": "folder"}'
        self.send_response(200)
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *words):
        pass


server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
with open(sys.argv[1], 'w', encoding='ascii') as file:
    file.write(f'{server.server_port}\n')
server.serve_forever()
END
server=$!
at_exit "kill $server 2>/dev/null"
sg_wait_for test -s "$tmp/hostile"
mkdir -p "$tmp/jail/below"
echo secret >"$tmp/jail/secret"
assert_eq 'an archive that would go elsewhere' "$(cd "$tmp/jail" &&
    status_of env SANDGATE_TOKEN=x "$BUILD/bin/sandgate" \
    --api "http://127.0.0.1:$(cat "$tmp/hostile")" cp -r \
    sb_0000000000000:x below/in 2>"$tmp/err")" 1
assert_eq 'nothing beside the folder' "$(cd "$tmp/jail" &&
    find . -name 'evil[0-9]*' ! -path './below/in/*' -o -name null |
    sort)" ''
assert_eq 'what was good is there' "$(cat "$tmp/jail/below/in/good") $(
    stat -c %a "$tmp/jail/below/in/suid")" 'good 755'
for name in evil in/hard; do
	[ ! -e "$tmp/jail/below/$name" ] || fail "it came out as $name"
done
