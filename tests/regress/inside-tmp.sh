#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: /tmp is on the disk: as large as it has room, every user's, and empty
# after each start.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product /tmp

id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'
assert_eq 'mode and owner' "$(sg_ssh -l "$id" sandbox 'stat -c "%a %U" /tmp')" \
    '1777 root'
assert_match 'programs run there, set-user-id does not' \
    "$(sg_ssh -l "$id+root" sandbox 'cp /usr/bin/id /tmp/id
	chmod 4755 /tmp/id; chown 1000 /tmp/id; /tmp/id; rm /tmp/id')" \
    '^uid=0\(root\) gid=0\(root\) groups=0\(root\)$'
assert_eq 'files of others stay' "$(sg_ssh -l "$id+root" sandbox \
    'touch /tmp/mine; setpriv --reuid 1000 rm -f /tmp/mine 2>/dev/null
	ls /tmp')" mine

# Its init dies, and who comes next has it started again.
is_suspended()
{
	[ "$(sg get "$id" --json | jq -r .state)" = suspended ]
}
sg_ssh -l "$id" sandbox 'mkdir -p /tmp/a/b/c .; touch /tmp/a/b/c/d /tmp/-rf kept
	ln -s /workspace /tmp/link; touch /workspace/kept; chmod 0 /tmp/a/b'
init=$(sed -n "s/.*moved id=$id .*to=running pid=//p" "$SG_LOG/sandboxd.log" |
    tail -n 1)
kill -KILL "$init"
sg_wait_for is_suspended || fail 'it did not end'
assert_eq 'after a start' "$(sg_ssh -l "$id" sandbox 'ls -A /tmp | wc -l
	stat -c %a /tmp; ls kept /workspace')" $'0\n1777\nkept\n\n/workspace:\nkept'
