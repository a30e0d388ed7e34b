#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A 1 GiB file through our sftp-server, both ways, and resumed both ways.
# usage: sftp-large.sh sandbox-init
set -eu
command -v sftp > /dev/null || exit 77
dir=$(mktemp -d /var/tmp/sftp-large-XXXXXX)
trap 'rm -rf "$dir"' EXIT
[ "$(df --output=avail -k "$dir" | tail -1)" -gt 4194304 ] || exit 77
server=${SFTP_SERVER:-$dir/sftp-server}
ln -s "$(realpath "$1")" "$dir/sftp-server"
cd "$dir"
head -c 33554432 /dev/urandom > part
for _ in 1 2 3 4 5 6 7 8; do cat part part part part; done > in
[ "$(stat -c %s in)" -eq 1073741824 ]
mkdir there back
batch() {
	timeout 500 sftp -q -b - -D "$server" > log 2>&1 || { cat log; exit 1; }
}
start=$(date +%s%N)
echo "put in there/in" | batch
middle=$(date +%s%N)
echo "get there/in back/in" | batch
end=$(date +%s%N)
echo "put $(((middle - start) / 1000000)) ms," \
    "get $(((end - middle) / 1000000)) ms"
cmp in there/in
cmp in back/in
truncate -s 700000000 there/in
echo "reput in there/in" | batch
cmp in there/in
truncate -s 700000001 back/in
echo "reget there/in back/in" | batch
cmp in back/in
