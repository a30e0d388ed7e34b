#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: sb_ID+root is root, and sudo works for the default user.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

needs_product 'the user name'
assert_eq 'default user' "$(sg_ssh sandbox 'id -un; id -u')" $'sandbox\n1000'
assert_eq 'root' "$(sg_ssh root 'id -un; id -u; echo $HOME; pwd')" \
    $'root\n0\n/root\n/root'
assert_eq 'sudo' "$(sg_ssh sandbox sudo id -u)" 0
assert_eq 'sudo on a terminal' \
    "$(sg_ssh -tt sandbox sudo -i id -u | tr -d '\r')" 0
sg_ssh sandbox 'sudo chown 1234:4321 /workspace && sudo touch /etc/by-root &&
    sudo chown sandbox: /workspace && touch /workspace/mine' ||
    fail 'sudo cannot do what root does'
assert_eq 'owner' "$(sg_ssh sandbox stat -c %U /workspace)" sandbox
# Root of a sandbox is nobody outside: its processes run as host uids of ours.
# Other instances' run the same.
sleep="sleep 4711.$$"
sg_ssh root "$sleep >/dev/null 2>&1 &"
sg_wait_for pgrep -xf "$sleep" >/dev/null || fail 'no sleep of root'
pid=$(pgrep -xf "$sleep")
uid=$(stat -c %u "/proc/$pid")
sg_ssh root "pkill -xf '$sleep'"
[ "$uid" -ge "$SG_UID_BASE" ] || fail "root inside is uid $uid outside"
