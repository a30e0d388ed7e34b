#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: code by the command line, in a state of its own or in one that stays.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the command line'

id=$SG_SANDBOX
assert_eq 'standard input' "$(echo 'print("o"); 6 * 7' |
    sg run-python "$id" -)" $'o\n42'
echo 'x = [1]; x' >"$tmp/file.py"
assert_eq 'a file, and it stays' "$(sg run-python "$id" "$tmp/file.py" --keep \
    2>"$tmp/context")" '[1]'
context=$(sed 's/context //' "$tmp/context")
at_exit "sg run-python '$id' -c '$context' - <<<'exit()'"
assert_eq 'its state' "$(echo 'x + [2]' | sg run-python "$id" -c "$context" -)" \
    '[1, 2]'
assert_eq json "$(echo 'x' | sg run-python "$id" -c "$context" - --json |
    jq -r .results[0].text)" '[1]'
assert_eq bash "$(echo 'echo $((6 * 7)); exit_code() { return 3; }; exit_code' |
    sg run-python "$id" -l bash - || echo "status $?")" $'42\nstatus 3'
status=0
echo 1/0 | sg run-python "$id" - 2>"$tmp/err" || status=$?
assert_eq 'a failure' "$status" 1
assert_match 'its words' "$(cat "$tmp/err")" 'ZeroDivisionError: division by zero'
assert_eq 'its time' "$(echo 'while True: pass' |
    sg run-python "$id" --timeout 1s - 2>/dev/null || echo "status $?")" 'status 1'
sg run-python "$id" -c none - <<<1 2>"$tmp/err" && fail 'no such context'
assert_match 'no such' "$(cat "$tmp/err")" '^sandgate: .*context none: is not'
