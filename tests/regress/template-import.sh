#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: an OCI image, made here, is unpacked in a sandbox and becomes a template:
# its files and no others, its user, folder, environment and program; as a
# layout and as docker's archive. What is none names its step and publishes
# nothing.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product templates
for program in skopeo umoci; do
	command -v "$program" >/dev/null || fail "no $program on this host"
done
at=$RANDOM
touch "$tmp/begin"

# What the recipe `oci` makes of packages, made of this host's.
closure()
{
	local program

	for program in /usr/bin/skopeo /usr/bin/umoci; do
		echo "$program"
		ldd "$program" 2>/dev/null | grep -o '/[^ ]*'
	done
}
id=$(sg create 2>/dev/null)
at_exit "sg destroy $id 2>/dev/null"
mapfile -t files < <(closure | sort -u)
tar -chf - "${files[@]}" 2>/dev/null | SG_TIMEOUT=300 sg_ssh -l "$id+root" \
    sandbox 'tar -C / --skip-old-files -xf - && ldconfig'
parent=oci-$at
sg template create "$parent" --from "$id" --default-user 0 >/dev/null
at_exit "sg template rm $parent"
sg destroy "$id"

# An image of two layers, of which the second removes what the first had.
image=$tmp/image
skopeo() { command skopeo --insecure-policy "$@" >/dev/null; }
umoci init --layout "$image"
umoci new --image "$image:v1"
umoci unpack --image "$image:v1" "$tmp/bundle" 2>/dev/null
root=$tmp/bundle/rootfs
mkdir -p "$root"/{bin,etc,srv,lib64}
cp -L /bin/sh /bin/cat "$root/bin/"
for file in $(ldd /bin/sh /bin/cat | grep -o '/[^ ]*' | grep -v ':$' |
    sort -u); do
	install -D "$(realpath "$file")" "$root$file"
done
cat >"$root/etc/passwd" <<'END'
root:x:0:0::/:/bin/sh
app:x:1234:1234::/srv:/bin/sh
END
echo mine >"$root/srv/mine"
echo gone >"$root/srv/gone"
chown -R 1234:1234 "$root/srv"
umoci repack --image "$image:v1" "$tmp/bundle" 2>/dev/null
rm "$root/srv/gone"
umoci repack --image "$image:v1" --refresh-bundle "$tmp/bundle" 2>/dev/null
umoci config --image "$image:v1" --config.user app --config.workingdir /srv \
    --config.env 'GREETING=of the image' --config.entrypoint /bin/sh \
    --config.entrypoint -c --config.cmd 'echo began $GREETING'
skopeo copy "oci:$image:v1" "docker-archive:$tmp/archive.tar:name:v1"
skopeo copy "oci:$image:v1" "oci-archive:$tmp/oci.tar:v1"

# import SOURCE: a sandbox of it, which is printed.
import()
{
	local name=image-$at-$((n_made++)) one

	sg template import "$name" "$1" --parent "$parent" >"$tmp/out" \
	    2>"$tmp/err" || fail "$1: $(tail -n 3 "$tmp/err" "$tmp/out")"
	at_exit "sg template rm $name"
	one=$(sg create --template "$name" 2>/dev/null)
	at_exit "sg destroy $one"
	made=$one
}
n_made=0
for source in "oci:$image:v1" "docker-archive:$tmp/archive.tar" \
    "oci-archive:$tmp/oci.tar"; do
	import "$source"
	in_it() { SG_TIMEOUT=120 sg_ssh -l "$made" sandbox "$1"; }
	assert_eq 'folder and environment' "$(in_it 'pwd; echo $GREETING')" \
	    $'/srv\nof the image'
	assert_eq 'its files alone' "$(in_it 'cat mine; echo /srv/* /usr*')" \
	    $'mine\n/srv/mine /usr*'
	assert_match 'its user' "$(in_it 'cat /proc/self/status' |
	    grep ^Uid)" '^Uid:.1234.1234'
	sg_wait_for eval 'sg logs "$made" | grep -qx "began of the image"' ||
	    fail "no program: $(sg ps "$made")"
	sg_wait_for eval 'sg ps "$made" | grep -Eq "entrypoint +app +exited +0"' ||
	    fail "its program: $(sg ps "$made")"
	sg stop "$made"
	assert_eq 'after a wake' "$(in_it 'cat mine')" mine
done

# Over the API alone: an archive that is sent to a sandbox as it comes.
api() { curl -sS -m 300 --unix-socket "$SG_RUN/api.sock" "$@"; }
post() { api -X POST --json "$2" "http://localhost/v1$1"; }
one=$(post /sandboxes "{\"template\": \"$parent\"}" | jq -r .id)
at_exit "sg destroy $one"
api -T "$tmp/archive.tar" -o "$tmp/out" \
    "http://localhost/v1/sandboxes/$one/files?path=/tmp/image.tar"
assert_match 'one that is none' "$(post "/sandboxes/$one/import" "{\"name\":
    \"no-$at\", \"source\": \"docker-archive:/etc/passwd\"}")" \
    '"code": *"[a-z_]+".*skopeo failed'
name=api-$at
at_exit "sg template rm $name"
assert_match 'over the API' "$(post "/sandboxes/$one/import" "{\"name\":
    \"$name\", \"source\": \"docker-archive:/tmp/image.tar\"}")" \
    "\"name\": *\"$name\".*\"version\": *\"tv_"
made=$(sg create --template "$name" 2>/dev/null)
at_exit "sg destroy $made"
assert_eq 'its files, folder and environment' "$(in_it \
    'pwd; echo $GREETING; cat mine; echo /srv/* /usr* /.i*; ls -A /tmp' \
    2>/dev/null)" $'/srv\nof the image\nmine\n/srv/mine /usr* /.i*'

# refused SOURCE REGEX
refused()
{
	status=0
	sg template import "no-$at" "$1" --parent "$parent" >"$tmp/out" \
	    2>"$tmp/err" || status=$?
	assert_eq "status of $1" "$status" 1
	assert_match "$1" "$(tail -n 1 "$tmp/err")" "$2"
}
echo nothing >"$tmp/bad"
refused "docker-archive:$tmp/bad" 'step 2 of 3 \(get docker-archive:source.tar'
refused "oci:$image:v2" 'step 2 of 3 \(get oci:layout:v2'
refused "oci:$tmp/none:v1" 'cannot be read'
refused "$image" 'is not oci:FOLDER'
assert_eq 'nothing came of it' "$(sg template list --json | grep -c "no-$at")" 0
sg template import "no-$at" "oci:$image:v1" --parent base >"$tmp/out" 2>&1 &&
    fail 'imported without the programs'
assert_match 'without the programs' "$(cat "$tmp/out")" 'no skopeo in here'
# Others on this host may import meanwhile, and have files for as long.
ours()
{
	find /var/tmp -maxdepth 1 -name 'sandgate-import-*' -newer "$tmp/begin"
}
none_left() { [ -z "$(ours)" ]; }
sg_wait_for none_left || fail "files of ours: $(ours)"
