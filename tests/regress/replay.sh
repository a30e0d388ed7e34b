#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: recordings are listed, fetched and played, by their organisation alone.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-recording.sh
. "$(dirname "$0")/lib-recording.sh"
needs_product recordings
recording_on
sg_ssh -tt sandbox 'printf "one\n"; sleep 8; printf "\033[31mtwo\n"' </dev/null >"$tmp/seen"
id=$(recording_newest pty)
old=$SG_LOG/recordings/default/2020-01-02
install -d -o sandgate "$old"
touch "$old/old.cast"
table=$(sg recordings)
assert_match 'listed' "$table" "$id +pty +$SG_SANDBOX +admin"
begin=${EPOCHREALTIME/./}
sg replay "$id" >"$tmp/played"
took_ms=$(((${EPOCHREALTIME/./} - begin) / 1000))
cmp "$tmp/seen" "$tmp/played" || fail 'played is not what was seen'
[ "$took_ms" -ge 7900 ] || fail "its time is not kept: $took_ms ms"
begin=${EPOCHREALTIME/./}
sg replay "$id" --speed 4 --idle-limit 1 >"$tmp/played"
took_ms=$(((${EPOCHREALTIME/./} - begin) / 1000))
cmp "$tmp/seen" "$tmp/played" || fail 'played fast it is another'
[ "$took_ms" -lt 6000 ] || fail "--speed, --idle-limit: $took_ms ms"

# From a file; half a last line is one that is still being written.
sg replay "$id" --json >"$tmp/file.cast"
cmp "$tmp/file.cast" "$SG_LOG"/recordings/default/*/"$id.cast" || fail 'another file'
printf '[9.000,"o","hal' >>"$tmp/file.cast"
sg replay "$tmp/file.cast" --speed 100 >"$tmp/played" || fail 'half a line'
cmp "$tmp/seen" "$tmp/played" || fail 'the file plays otherwise'
# asciinema shows the same bytes. It wants a terminal, and UTF-8.
asciinema_cat()
{
	timeout 300 script -qec "LC_ALL=C.UTF-8 asciinema cat '$1' >'$2'" \
	    /dev/null </dev/null >"$tmp/script" || fail "$(cat "$tmp/script")"
}
sg replay "$id" --json >"$tmp/file.cast"
asciinema_cat "$tmp/file.cast" "$tmp/shown"
cmp "$tmp/seen" "$tmp/shown" || fail 'asciinema shows something else'
sg_ssh -tt sandbox 'printf "caf\303\251 \360\237\230\200 \377 \0 \033[1m\033]0;t\007\r\n"
    seq 20000' </dev/null >/dev/null
sg replay "$(recording_newest pty)" --json >"$tmp/large.cast"
sg replay "$tmp/large.cast" --speed 100 >"$tmp/played"
asciinema_cat "$tmp/large.cast" "$tmp/shown"
cmp "$tmp/played" "$tmp/shown" || fail 'asciinema shows another large one'
[ "$(wc -l <"$tmp/shown")" -eq 20001 ] || fail 'lines are missing'

for bad in '' '{}' '{"version":2,"width":1}\n{}\n' '{"version":3}\n' 'x\n'; do
	# shellcheck disable=SC2059
	printf "$bad" >"$tmp/bad"
	sg replay "$tmp/bad" >/dev/null 2>"$tmp/err" && fail "played: $bad"
done
assert_eq 'usage' "$(status_of sg replay "$id" --speed 0 2>/dev/null)" 2

# Ctrl-C stops it, and a terminal is put in order.
timeout 300 /usr/bin/python3 - "$BUILD/bin/sandgate" "$tmp/file.cast" <<-'END' || fail 'Ctrl-C'
	import pexpect, sys
	play = pexpect.spawn(sys.argv[1], ['replay', sys.argv[2]], timeout=120)
	play.expect('one')
	play.sendintr()
	play.expect(r'\x1b\[!p')
	play.expect(pexpect.EOF)
	play.close()
	assert play.exitstatus == 130, play.exitstatus
END

# What is not a terminal's is escaped.
sg_ssh sandbox "printf '\033]0;title\007\302\233'" </dev/null >/dev/null
assert_eq 'escaped' "$(sg replay "$(recording_newest exec)" | tr -d '\n\40-\176' | wc -c)" 0
sg_within 150 test ! -e "$old" || fail 'old days stay'
# Another organisation's is as one that is not there.
mv "$SG_LOG"/recordings/default "$SG_LOG/recordings/elsewhere"
at_exit 'mv "$SG_LOG/recordings/elsewhere"/* "$SG_LOG/recordings/default/"'
at_exit 'install -d -o sandgate -g sandgate -m 0750 "$SG_LOG/recordings/default"'
sg replay "$id" >/dev/null 2>"$tmp/foreign" && fail 'a foreign recording was played'
assert_match 'words' "$(cat "$tmp/foreign")" 'no such recording$'
assert_eq 'listed' "$(recording_count)" 0
for path in .. %2e%2e ..%2f..%2faudit.log "x$id"; do
	assert_eq "$path" "$(curl -s -o /dev/null -w '%{http_code}' --path-as-is --unix-socket \
	    "$SG_RUN/api.sock" "http://localhost/v1/recordings/$path")" 404
done
