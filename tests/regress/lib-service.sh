# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# Services of a sandbox, as those outside use them.

# service_has PORT STATE: whether a socket of that local port is in a state of
# /proc/net/tcp, inside: 0A listens, 01 is connected.
service_has()
{
	sg_ssh sandbox "grep -qE ':$(printf %04X "$1") [0-9A-F]+:[0-9A-F]+ $2 ' \
	    /proc/net/tcp /proc/net/tcp6"
}

# service_serve PORT [ADDRESS]: service_peer.py inside, until the end.
service_serve()
{
	sg_ssh sandbox 'cat >service_peer.py' <"$here/service_peer.py"
	sg_ssh sandbox "setsid python3 service_peer.py $* >/dev/null 2>&1 &"
	at_exit "sg_ssh sandbox 'pkill -f \"service_peer.py $1\"' || true"
	sg_wait_for service_has "$1" 0A
}

proxy=http://127.0.0.1:$SG_PROXY_PORT
host_id=sb-${SG_SANDBOX#sb_}

# get CURL-ARGUMENT...: the status; the body is in $tmp/body, the head in
# $tmp/head.
get()
{
	curl -sS -m 60 -o "$tmp/body" -D "$tmp/head" -w '%{http_code}' \
	    --connect-to "::127.0.0.1:$SG_PROXY_PORT" "$@" 2>"$tmp/curl.err" ||
	    true
}

# expose ARGUMENT...: the URL.
expose() { sg expose "$SG_SANDBOX" "$@" 2>"$tmp/expose.err"; }

# preview PORT [TTL]: a token.
preview()
{
	sg preview "$SG_SANDBOX" "$1" --ttl "${2:-1h}" --json |
	    /usr/bin/python3 -c 'import json, sys
print(json.load(sys.stdin)["token"])'
}

# seen EXPRESSION: of what service_peer.py says reached it, `it`.
seen()
{
	/usr/bin/python3 -c 'import json, sys
it = json.load(open(sys.argv[1]))
names = [h.split(":")[0].lower() for h in it["headers"]]
print(eval(sys.argv[2], {"it": it, "names": names}))' "$tmp/body" "$1"
}

proxy_pid() { sg_children "$(sg_pid gateway)" gateway-proxy; }
