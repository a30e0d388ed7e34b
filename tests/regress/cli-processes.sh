#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: processes that live on, by the command line.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the command line'

id=$SG_SANDBOX
at_exit "sg_ssh sandbox 'pkill sleep'"
process=$(sg exec -d -i --tag cli "$id" -- sh -c 'echo out; echo err >&2; cat; exit 4')
assert_match 'its number' "$process" '^[0-9]+$'
assert_match ps "$(sg ps "$id" --tag cli)" "$process +cli +[a-z]+ +running"
assert_match 'ps, all' "$(sg ps "$id" --json | jq -r '.processes[].tag')" cli
sg_wait_for eval 'sg logs "$id" "$process" 2>&1 | grep -q err'
assert_eq 'stdout alone' "$(sg logs "$id" "$process" 2>/dev/null)" out
assert_eq 'stderr alone' "$(sg logs "$id" "$process" 2>&1 >/dev/null)" err

# What is typed here arrives there; it ends, and so does this.
status=0
printf 'typed\n' | sg attach "$id" "$process" >"$tmp/out" 2>"$tmp/err" ||
    status=$?
assert_eq 'its status' "$status" 4
assert_eq 'what it wrote' "$(cat "$tmp/out")" $'out\ntyped'
assert_eq 'a status again' "$(sg wait "$id" "$process" || echo $?)" 4
assert_eq 'from a position' "$(sg logs "$id" "$process" --from 8)" typed
assert_match 'how it ended' "$(sg ps "$id" --tag cli)" 'exited +4'
assert_eq 'not UTF-8' "$(sg logs -f "$id" "$(sg exec -d "$id" -- printf \
    'a\377\0b')" | od -An -tx1)" ' 61 ff 00 62'

# A terminal, whose size is that of who is attached, who may leave.
process=$(sg exec -d -t "$id" -- sh -c \
    'while read x; do stty size; done')
python3 - "$BUILD/bin/sandgate" "$SG_RUN/api.sock" "$id" "$process" \
    >"$tmp/pty" <<'END'
import fcntl, os, pty, struct, sys, termios, time

program, socket, sandbox, process = sys.argv[1:]
pid, fd = pty.fork()
if pid == 0:
    os.execv(program, [program, "--socket", socket, "attach", sandbox, process])

def until(word):
    text = b""
    while word not in text:
        text += os.read(fd, 4096)

fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 44, 0, 0))
until(b"leaves it")
os.write(fd, b"x\r")
until(b"33 44")
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 60, 0, 0))
text, end = b"", time.monotonic() + 120
while b"20 60" not in text:
    if time.monotonic() > end:
        sys.exit("no new size: %r" % text)
    os.write(fd, b"x\r")
    time.sleep(0.1)
    text += os.read(fd, 4096)
os.write(fd, b"\r~.")
try:
    while os.read(fd, 4096):
        pass
except OSError:
    pass
print(os.waitpid(pid, 0)[1])
END
assert_eq 'it was left' "$(cat "$tmp/pty")" 0
sg signal "$id" "$process" KILL
assert_eq 'a signal' "$(sg wait "$id" "$process" || echo $?)" 137

process=$(sg exec -d --timeout 1s "$id" -- sleep 1000)
assert_eq 'its time' "$(sg logs -f "$id" "$process" || echo $?)" 137
process=$(sg exec -d "$id" -- sleep 1000)
sg signal "$id" "$process" --tree
assert_eq tree "$(sg wait "$id" "$process" || echo $?)" 137
for wrong in 'signal ID 1 NONE' 'logs ID 0' 'ps' 'attach ID' 'logs ID 1 --from x' \
    'exec ID --tag a -- true' 'wait ID 999999'; do
	# shellcheck disable=SC2086
	sg ${wrong/ID/$id} >"$tmp/out" 2>&1 && fail "$wrong: succeeded"
	assert_match "$wrong" "$(cat "$tmp/out")" '^sandgate: '
done
