#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: Ansible pings, copies, templates, fetches and becomes root.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "$0")/lib-client.sh"

cd "$tmp"
make_tree tree
echo '{{ ansible_facts.kernel }} {{ who.stdout }}' >facts.j2
page automation Inventory >hosts
page automation Playbook >playbook.yml
[ "$SG_MODE" = product ] || sed -i '/become:/d' playbook.yml
page automation ansible.cfg >ansible.cfg
export ANSIBLE_LOCAL_TEMP=$HOME/local ANSIBLE_HOME=$HOME/ansible
export ANSIBLE_NOCOLOR=1 ANSIBLE_SSH_CONTROL_PATH_DIR=$HOME/cp
export ANSIBLE_SSH_RETRIES=0 ANSIBLE_TIMEOUT=20
at_exit 'sg_ssh sandbox "rm -rf $workspace/ansible .ansible"'
at_exit 'for s in "$HOME"/cp/*; do ssh -o ControlPath="$s" -O exit any; done'
task()
{
	timeout 300 ansible -i hosts all "$@" 2>&1 || :
}
assert_match 'ping' "$(task -m ping)" '"ping": "pong"'
timeout 300 ansible-playbook -i hosts playbook.yml >said 2>&1 ||
    fail "playbook: $(cat said)"
assert_match 'recap' "$(cat said)" 'ok=5 .*unreachable=0 .*failed=0'
cmp tree/big fetched || fail 'fetch: differs'
assert_eq 'modes' "$(sg_ssh sandbox "cd $workspace/ansible &&
    stat -c %a big 'sub dir/run é'")" $'600\n751'
wanted=root
[ "$SG_MODE" = product ] || wanted=$REF_USER
assert_eq 'template, become' \
    "$(sg_ssh sandbox "cat $workspace/ansible/facts")" \
    "$(uname -r) $wanted"
assert_match 'a command that fails' "$(task -m command -a false)" 'rc=1'
export ANSIBLE_PIPELINING=False
assert_match 'without pipelining' "$(task -m ping)" '"ping": "pong"'
[ "$SG_MODE" != product ] || assert_match 'and as root' \
    "$(task -b -m command -a 'id -un')" root
