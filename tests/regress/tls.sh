#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: the API and services by TLS, and a certificate that is renewed under the
# connections that use the one before.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-settings.sh
. "$here/lib-settings.sh"
needs_product 'TLS'
command -v openssl >/dev/null || skip 'no openssl'

# certificate NAME: in $tmp, and where both programs look for it.
certificate()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 2 -subj "/CN=$1" -addext subjectAltName=DNS:localhost \
	    -keyout "$tmp/$1.key" -out "$tmp/$1.pem" 2>/dev/null
	put "$1.pem" cert && put "$1.key" key
}
put()
{
	install -m 0600 "$tmp/$1" "$SG_DIR/tls/$2.new"
	mv "$SG_DIR/tls/$2.new" "$SG_DIR/tls/$2"
}
mkdir -p "$SG_DIR/tls"
at_exit 'rm -rf "$SG_DIR/tls"'
certificate first
settings "$(printf '%s\n' '[gateway]' "api_cert = $SG_DIR/tls/cert" \
    "api_key = $SG_DIR/tls/key" '[proxy]' "cert = $SG_DIR/tls/cert" \
    "key = $SG_DIR/tls/key")"
token=$(sg token create tls)
at_exit 'sg token revoke tls >/dev/null 2>&1 || true'
url=https://localhost:$SG_API_PORT
ask() { curl -sS -m 60 -H "Authorization: Bearer $token" "$@"; }
# shows PORT NAME: whether that is the certificate there.
shows()
{
	openssl s_client -connect "127.0.0.1:$1" </dev/null 2>/dev/null |
	    grep -q "subject=CN = $2"
}
sg_wait_for shows "$SG_API_PORT" first
sg_wait_for shows "$SG_PROXY_PORT" first
assert_match 'status' "$(ask --cacert "$tmp/first.pem" "$url/v1/status")" \
    '"user":"admin"'
assert_eq 'by nobody' "$(curl -sS --cacert "$tmp/first.pem" -o /dev/null \
    -w '%{http_code}' "$url/v1/status")" 401
assert_eq 'no place' "$(curl -sS --cacert "$tmp/first.pem" -o /dev/null \
    -w '%{http_code}' "https://localhost:$SG_PROXY_PORT/")" 404
assert_match 'without TLS' "$(curl -sS "http://localhost:$SG_API_PORT/")" \
    'this port speaks TLS'
! openssl s_client -tls1_1 -connect "127.0.0.1:$SG_API_PORT" </dev/null \
    >/dev/null 2>&1 || fail 'it speaks TLS 1.1'

# A file there and back, and a WebSocket, as without.
head -c 20000000 /dev/urandom >"$tmp/file"
file="$url/v1/sandboxes/$SG_SANDBOX/files?path=tls"
ask --cacert "$tmp/first.pem" -T "$tmp/file" "$file" >/dev/null
ask --cacert "$tmp/first.pem" "$file" | cmp - "$tmp/file"
ask --cacert "$tmp/first.pem" -X DELETE "$file"
assert_match 'a WebSocket' "$(ask --http1.1 -i --cacert "$tmp/first.pem" -m 20 \
    -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
    -H 'Sec-WebSocket-Version: 13' \
    -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' -o - \
    "$url/v1/sandboxes/$SG_SANDBOX/exec" 2>/dev/null | head -1)" '101'

# A connection that stays, while what it began with is replaced.
coproc keep { exec /usr/bin/python3 -uc '
import http.client, ssl, sys
it = http.client.HTTPSConnection("localhost", int(sys.argv[1]), timeout=60,
    context=ssl.create_default_context(cafile=sys.argv[2]))
for line in sys.stdin:
    it.auto_open = it.sock is None
    it.request("GET", "/v1/status", headers={"X-API-Key": sys.argv[3]})
    print(it.getresponse().read() and "answered")
' "$SG_API_PORT" "$tmp/first.pem" "$token"; }
again()
{
	echo >&"${keep[1]}"
	read -r -t 60 answer <&"${keep[0]}"
	assert_eq "$1" "$answer" answered
}
again 'at first'
certificate second
sg_wait_for shows "$SG_API_PORT" second
sg_wait_for shows "$SG_PROXY_PORT" second
again 'with the one before'
ask --cacert "$tmp/second.pem" "$url/v1/status" >/dev/null
! ask --cacert "$tmp/first.pem" "$url/v1/status" >/dev/null 2>&1 ||
    fail 'the one before, anew'

# What cannot be used replaces nothing.
tells() { grep -q "$1" "$SG_LOG/gateway.log"; }
put first.pem cert
sg_wait_for tells "the key is not the certificate's; the one before stays"
put second.pem cert
chmod 0644 "$SG_DIR/tls/key"
sg_wait_for tells 'everybody may read or change it'
chmod 0600 "$SG_DIR/tls/key"
shows "$SG_API_PORT" second || fail 'it shows another'
: >"$SG_LOG/gateway.log"
kill -HUP "$(sg_pid gateway)"
sg_wait_for tells 'TLS: certificate subject="/CN=second"'
again 'at last'
http=$(sg_children "$(sg_pid gateway)" gateway-http)
kill -KILL "$http"
sg_wait_for shows "$SG_API_PORT" second
