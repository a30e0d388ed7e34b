#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #12: contexts of python, bash and node: state from run to run, what came of
# each, in order; an interrupt, a time limit and a restart.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'

id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'
base=http://x/v1/sandboxes/$id/contexts
ask() { curl -sS -N -m 60 --unix-socket "$SG_RUN/api.sock" -X "$1" \
    -H 'Content-Type: application/json' ${3+-d "$3"} "$base$2"; }
# run CONTEXT CODE [MORE]
run() { jq -nc --arg code "$2" "{code: \$code ${3:+, $3}}" |
    curl -sS -N -m 60 --unix-socket "$SG_RUN/api.sock" \
    -H 'Content-Type: application/json' -d @- "$base/$1/run"; }
# of FILTER CONTEXT CODE [MORE]
of() { run "${@:2}" | jq -rc "$1"; }

assert_eq made "$(ask POST '' '{"language":"python","id":"py","env":{"A":"b"},
    "cwd":"/tmp"}' | jq -rc '[.id, .language, .state]')" \
    '["py","python","running"]'
assert_eq 'once' "$(ask POST '' '{"id":"py"}' | jq -r .error.code)" already_exists
assert_eq state "$(of '[.result, .error]' py 'import os; x = 20')" '[null,null]'
assert_eq 'state, later' "$(of .result py 'x += 1; x * 2')" 42
assert_eq 'where, with what' "$(of .result py 'os.getcwd(), os.environ["A"]')" \
    "('/tmp', 'b')"
assert_eq 'both streams' "$(of '[.stdout, .stderr, .result]' py \
    'import sys; print("o"); print("e", file=sys.stderr); os.system("echo s")')" \
    '["o\ns\n","e\n","0"]'
assert_eq 'an error' "$(of '[.error.name, .error.value]' py '1/0')" \
    '["ZeroDivisionError","division by zero"]'
assert_match 'where it was' "$(of .error.traceback py $'def f():\n  g\nf()')" \
    'line 2, in f'
assert_match 'no code' "$(of .error.name py 'x = = 1')" SyntaxError
assert_eq 'a wait' "$(of .result py \
    $'import asyncio\nawait asyncio.sleep(0.01, "slept")')" "'slept'"
assert_eq 'rich' "$(of '[.results[] | [.is_main, .text, .html, .json]]' py \
    $'class A:\n  def _repr_html_(self): return "<b>"\n  def __repr__(self): return "A"
display(A())\nA()')" '[[false,"A","<b>",null],[true,"A","<b>",null]]'
assert_eq 'a class is one thing' "$(of .result py 'import pickle
pickle.loads(pickle.dumps(A()))')" A
assert_eq 'its input' "$(of .error.name py 'input()')" EOFError
assert_eq 'much' "$(of '[(.stdout | length), .truncated]' py \
    'print("x" * 2000000)')" '[1048576,true]'
assert_eq 'long code' "$(of .result py "len('''$(head -c 100000 /dev/zero |
    tr '\0' y)''')")" 100000
assert_eq 'a large result' "$(of '.results[0].text | length' py '"z" * 3000000')" \
    3000002
assert_eq 'no frame is made of output' "$(of '[.stdout, .error]' py \
    'print("{\"run\":\"x\",\"type\":\"end\"}")')" \
    '["{\"run\":\"x\",\"type\":\"end\"}\n",null]'

# As it comes, in order.
run py 'import sys
for i in range(3): print(i); print(-i, file=sys.stderr); display(i)' '"stream": true' \
    >"$tmp/stream"
assert_eq 'in order' "$(jq -rj '.text // empty | rtrimstr("\n") + " "' \
    "$tmp/stream")" '0 0 0 1 -1 1 2 -2 2 '
assert_match 'its end' "$(tail -n 1 "$tmp/stream")" '"event":"end"'

# Interrupts, and a limit; what was there is still there.
run py 'print("up", flush=True)
while True: pass' '"stream": true' >"$tmp/loop" &
sg_wait_for grep -q up "$tmp/loop"
ask POST /py/interrupt
wait $!
assert_match interrupted "$(cat "$tmp/loop")" '"name":"KeyboardInterrupt"'
assert_eq 'by its time' "$(of '[.error.name, .timed_out]' py \
    'import time; time.sleep(1000)' '"timeout_ms": 3000')" \
    '["KeyboardInterrupt",true]'
assert_eq 'still there' "$(of .result py x)" 21
# Two at once are one after the other.
run py 'import time; x = 0; print("up", flush=True); time.sleep(2)
x += 1' '"stream": true' >"$tmp/first" &
sg_wait_for grep -q up "$tmp/first"
run py 'x += 10' >/dev/null
wait $!
assert_eq 'in turn' "$(of .result py x)" 11

assert_eq restarted "$(ask POST /py/restart | jq -r .state)" running
assert_eq 'no state' "$(of .error.name py x)" NameError
assert_eq 'but where, with what' "$(of .result py \
    'import os; os.getcwd(), os.environ["A"]')" "('/tmp', 'b')"
assert_eq 'it ended itself' "$(of '.error.name' py 'os._exit(3)')" ContextEnded
assert_eq 'it takes no more' "$(of '.error.code' py 1)" conflict
assert_eq 'again' "$(ask POST /py/restart | jq -r .state)" running

ask POST '' '{"language":"bash","id":"sh"}' >/dev/null
assert_eq 'bash' "$(of '[.stdout, .exit_code]' sh \
    $'a=\'x y\'; declare -A m=([k]=v); cd /etc; f() { echo "$a.${m[k]}"; }; f')" \
    '["x y.v\n",0]'
assert_eq 'bash, later' "$(of '[.stdout, .stderr, .exit_code]' sh \
    'f; pwd; cat; echo $(false || echo e) >&2; (exit 7)')" \
    '["x y.v\n/etc\n","e\n",7]'
assert_eq 'bash, no code' "$(of .exit_code sh 'if')" 2
assert_eq 'bash, a loop' "$(of .timed_out sh 'while :; do :; done' \
    '"timeout_ms": 3000')" true
assert_eq 'bash, a program' "$(of .timed_out sh 'sleep 1000; echo not' \
    '"timeout_ms": 3000')" true
assert_eq 'bash, still there' "$(of .stdout sh f)" 'x y.v'

assert_match 'what is not there' "$(ask POST '' '{"language":"node",
    "env":{"PATH":"/nowhere"}}' | jq -r .error.message)" \
    '^node does not run in this sandbox'
# The host's, where the image has none and it runs there.
if node=$(command -v node) && ! sg exec "$id" -- command -v node >/dev/null; then
	curl -sS -m 60 --unix-socket "$SG_RUN/api.sock" -T "$node" -o /dev/null \
	    "${base%contexts}files?path=/tmp/bin/node&mode=755"
fi
if sg exec "$id" -- 'PATH=/tmp/bin:$PATH node --version' >/dev/null 2>&1; then
	ask POST '' '{"language":"node","id":"js",
	    "env":{"PATH":"/tmp/bin:/usr/bin:/bin"}}' >/dev/null
	assert_eq node "$(of '[.stdout, .result]' js \
	    'let a = 1; const b = {c: [1]}; console.log("o"); b')" \
	    '["o\n","{ c: [ 1 ] }"]'
	assert_eq 'node, later' "$(of .result js 'a += 1; await Promise.resolve(a)')" 2
	assert_eq 'node, a loop' "$(of '[.timed_out, .error.name]' js 'for(;;);' \
	    '"timeout_ms": 3000')" '[true,"KeyboardInterrupt"]'
	assert_eq 'node, a wait' "$(of '[.timed_out, .error.name]' js \
	    'await new Promise(() => setTimeout(() => 0, 1e6))' \
	    '"timeout_ms": 3000')" '[true,"KeyboardInterrupt"]'
	assert_eq 'node, still there' "$(of .result js a)" 2
fi
assert_match list "$(ask GET '' | jq -rc '[.contexts[] | .id + .state]')" \
    'pyrunning.*shrunning'
ask DELETE /sh
sg_wait_for eval '[ "$(ask GET /sh | jq -r .state)" = ended ]'
assert_eq 'no such' "$(of .error.code none 1)" not_found
assert_eq 'its tag' "$(curl -sS --unix-socket "$SG_RUN/api.sock" \
    -H 'Content-Type: application/json' -d '{"command":"a","tag":"context:x"}' \
    "http://x/v1/sandboxes/$id/exec" | jq -r .error.field)" tag
