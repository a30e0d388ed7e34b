#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a terminal is recorded as asciicast, where its organisation wants that.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-recording.sh
. "$(dirname "$0")/lib-recording.sh"
needs_product recordings

before=$(recording_count)
sg_ssh -tt sandbox true >/dev/null </dev/null
assert_eq 'off by default' "$(recording_count)" "$before"

recording_on
with_pty <<-'END' || fail 'see above'
	shell = pexpect.spawn(ssh + ' -tt sandbox', timeout=120,
	    encoding='utf-8',
	    codec_errors='replace', dimensions=(31, 97))
	shell.sendline("PS1='ready> '; stty -echo")
	shell.expect("(?<!')ready> ")
	shell.sendline("printf 'caf\\303\\251 \\360\\237\\230\\200\\n\\377\\0'")
	shell.expect("\u00e9")
	shell.expect("ready> ")
	shell.sendline("read -rsp 'word: ' word; echo got-it")
	shell.expect("word: ")
	shell.sendline("secret-word")
	shell.expect("got-it")
	shell.expect("ready> ")
	shell.setwinsize(40, 120)
	while True:
	    shell.sendline("stty size")
	    shell.expect("ready> ")
	    if "40 120" in shell.before:
	        break
	    time.sleep(0.2)
	shell.sendline("exit 4")
	shell.expect(pexpect.EOF)
	shell.close()
	assert shell.exitstatus == 4, shell.exitstatus
END
id=$(recording_newest pty)
sg replay "$id" --json >"$tmp/cast"
recording_check_cast <"$tmp/cast" || fail 'not an asciicast v2'
head -1 "$tmp/cast" >"$tmp/header"
assert_eq 'header' "$(jq -c '[.version, .width, .height, .sandgate.user,
    .sandgate.sandbox, .sandgate.recording]' "$tmp/header")" \
    "[2,97,31,\"admin\",\"$SG_SANDBOX\",\"$id\"]"
shown=$(tail -n +2 "$tmp/cast" | jq -j 'select(.[1] == "o")[2]' | tr -d '\0')
assert_match 'the prompt' "$shown" 'ready> '
assert_match 'UTF-8, and what is none' "$shown" $'caf\u00e9 \U1f600.*\ufffd'
assert_match 'what was typed unseen' "$shown" 'got-it'
assert_eq 'secrets' "$(grep -c secret-word "$tmp/cast")" 0
events=$(tail -n +2 "$tmp/cast" | jq -c '.[1:]')
assert_match 'resize' "$events" '\["r","120x40"\]'
assert_match 'the end' "$events" '\["m","exit 4"\]$'
assert_eq 'input' "$(grep -c '"i"' <<<"$events")" 0

sg org set --recording off >/dev/null
before=$(recording_count)
sg_ssh -tt sandbox true >/dev/null </dev/null
assert_eq 'off again' "$(recording_count)" "$before"
assert_match 'audited' "$(tail -n 40 "$SG_LOG/audit.log")" \
    '"event":"org_set","org":"default","user":"admin",.*"recording":"on"'
