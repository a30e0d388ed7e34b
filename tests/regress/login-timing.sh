#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: no reason for a refusal shows in the time it takes.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

needs_product 'refusals of sandboxes'
revoked=$(new_token timing-revoked)
sg token revoke "$(token_id timing-revoked)" >/dev/null
good=$(new_token timing-good)
at_exit 'sg token revoke "$(token_id timing-good)"'
/usr/bin/python3 - "$SG_FOREIGN" "$revoked" "$good" <<'END'
import os, statistics, subprocess, sys, time

foreign, revoked, good = sys.argv[1:]
own, unknown = os.environ['SG_SANDBOX'], 'sb_000000000000000'
wrong, key = os.environ['SG_DIR'] + '/wrong', os.environ['SG_KEY']
password = ['-o', 'PreferredAuthentications=password', '-o',
    'NumberOfPasswordPrompts=1', '-o', 'PubkeyAuthentication=no']
cases = {
    'key': {'wrong key': (own, wrong, None),
        'foreign sandbox': (foreign, key, None),
        'unknown sandbox': (unknown, key, None),
        'hostile name': ('root+root+root', key, None)},
    'token': {'nonsense': (own, None, 'sg_nonsense'),
        'revoked': (own, None, revoked),
        'foreign sandbox': (foreign, None, good),
        'unknown sandbox': (unknown, None, good),
        'hostile name': ('root+root+root', None, good)},
}

def attempt(user, key, secret):
    command = ['ssh', '-F', os.environ['SG_SSH_CONFIG'], '-l', user]
    command += ['-i', key] if key else password
    if secret:
        command = ['sshpass', '-p', secret] + command
    start = time.monotonic()
    status = subprocess.run(command + ['bare', 'true'], timeout=30,
        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    took = time.monotonic() - start
    assert status != 0, 'let in: %s' % user
    return took

for method, kinds in cases.items():
    took = {kind: [] for kind in kinds}
    for _ in range(15):
        for kind, how in kinds.items():
            took[kind].append(attempt(*how))
    medians = {kind: statistics.median(t) for kind, t in took.items()}
    low, high = min(medians.values()), max(medians.values())
    spread = max(statistics.quantiles(t)[2] - statistics.quantiles(t)[0]
        for t in took.values())
    for kind, median in medians.items():
        print('%s, %s: %.1f ms' % (method, kind, median * 1000))
    # A difference within what one kind varies by itself tells nothing.
    if high - low > max(0.2 * low, spread):
        sys.exit('%s: medians differ by %.0f %%' %
            (method, 100 * (high - low) / low))
END
