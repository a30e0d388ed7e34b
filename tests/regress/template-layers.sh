#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: a template is what was on a sandbox's disk; it says whom and where, lives on
# below what was made of it, and goes when nothing is.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
needs_product templates
orgs_start

red_sg() { sg_as ana "$@"; }
made()
{
	red_sg create "$@" 2>/dev/null || fail "no sandbox: $*"
}
# run ID COMMAND: as its default user.
run() { ssh_as ana "$1" "$2"; }
root() { ssh_as ana "$1+root" "$2"; }
versions() { red_sg template list --json | grep -c '"version": "tv_'; }

one=$(made)
root "$one" 'useradd -m worker; mkdir -p /srv/place; echo first >/etc/mark
    rm /etc/motd; mv /usr/share/doc /usr/share/docs; echo x >/tmp/gone
    echo "#!/bin/sh
id -un >/srv/place/started" >/srv/start; chmod 755 /srv/start
    chown -R worker /srv'
version=$(red_sg template create tools --from "$one" --default-user worker \
    --workdir /srv/place --env 'GREETING=of the template' --env MORE=yes)
assert_match 'a version' "$version" '^tv_[0-9a-z]{12}$'
red_sg destroy "$one"

two=$(made --template tools --env MORE=mine)
assert_eq 'what was written, removed and moved' "$(run "$two" \
    'cat /etc/mark; ls /etc/motd /tmp/gone 2>&1 | wc -l; ls /usr/share/doc 2>&1 |
    wc -l; ls /usr/share/docs | wc -l | tr 0-9 y | head -c1')" $'first\n2\n1\ny'
assert_eq 'whom, where and with what' "$(run "$two" 'id -un; pwd
    echo "$GREETING $MORE"')" $'worker\n/srv/place\nof the template mine'
assert_match 'its template' "$(red_sg get "$two" --json)" \
    "\"template\": \"tools\".*\"template_version\": \"$version\""

# A template on a template, which is there for all; a third is the same name.
root "$two" 'echo second >/etc/mark; rm -r /usr/share/docs'
red_sg template create tools --from "$two" >/dev/null
three=$(made --template tools)
assert_eq 'the layer above' "$(run "$three" 'cat /etc/mark; ls /usr/share/docs \
    2>&1 | wc -l; id -un; echo $GREETING')" $'second\n1\nworker\nof the template'
assert_eq 'both versions are kept' "$(versions)" 2

# By its id, the old one too; not for a stranger.
old=$(made --template "$version")
assert_eq 'by its id' "$(run "$old" 'cat /etc/mark')" first
assert_match 'its name' "$(red_sg get "$old" --json)" \
    "\"template\": \"tools\".*\"template_version\": \"$version\""
red_sg destroy "$old"
assert_eq 'told by its id' "$(api_as ana GET "/v1/templates/$version"
    jq -r '.version, .current' "$tmp/answer")" $'200'"$version"$'\nfalse'
assert_eq 'a stranger' "$(api_as ben GET "/v1/templates/$version")" 404
got=$(sg_as ben create --template "$version" 2>&1) && fail "a stranger: $got"
got=$(red_sg template rm "$version" 2>&1) && fail 'the old one was removed'
assert_match 'the old one' "$got" 'its name leads to another version'

# Suspended and woken, each is on what it was made of.
red_sg stop "$two" "$three"
assert_eq 'the old after a wake' "$(run "$two" 'cat /etc/mark; id -un')" \
    $'second\nworker'
assert_eq 'the new after a wake' "$(run "$three" "cat /etc/mark")" second

# Nobody else sees it, and nobody but the operator makes one for all.
got=$(sg_as ben create --template tools 2>&1) && fail "a stranger used it: $got"
assert_match 'a stranger' "$got" 'there is no "tools"'
got=$(red_sg template create base --from "$two" 2>&1) && fail 'base was replaced'
assert_match 'a base' "$got" '^sandgate: name: base is a base'
got=$(red_sg template create all --from "$two" --shared 2>&1) &&
    fail 'an admin shared one'
assert_match 'shared by an admin' "$got" 'operator'
shared=all-$RANDOM
sg --org "$red" template create "$shared" --from "$two" --shared >/dev/null
at_exit "sg template rm $shared"
four=$(sg_as ben create --template "$shared" 2>/dev/null)
assert_eq 'a shared one of another' "$(ssh_as ben "$four" cat /etc/mark)" second
sg_as ben destroy "$four"
sg_as ben template rm "$shared" 2>/dev/null && fail 'a member removed it'

# Removed: nobody is made of it, and it goes with the last that was.
red_sg template rm tools
got=$(red_sg create --template tools 2>&1) && fail 'it was not removed'
got=$(red_sg create --template "$version" 2>&1) && fail 'but for its version'
assert_eq 'who was made of it' "$(run "$three" "cat /etc/mark")" second
red_sg destroy "$two" "$three"
sg template rm "$shared"
nothing_left() { [ "$(red_sg template list --json | grep -c '"tv_')" = 0 ]; }
sg_wait_for nothing_left || fail "left: $(red_sg template list)"
# So do all with their organisation.
six=$(sg_as ben create 2>/dev/null)
sg_as ben template create mine --from "$six" >/dev/null
sg org rm "$blue" --force
layers_gone() { [ -z "$(ls "$SG_STATE/disks/.layers")" ]; }
sg_wait_for layers_gone || fail "left: $(ls "$SG_STATE/disks/.layers")"
