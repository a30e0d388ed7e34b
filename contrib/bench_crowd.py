# SPDX-License-Identifier: Apache-2.0
"""Rows of contrib/bench of many commands and streams in one sandbox at once, by
tests/regress/http-crowd.js: over the API, beside a reader that is stuck.
"""
import json
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROWS = (('180 commands at once, all run', 'ms', 'run'),
        ('  all ended, once they could', 'ms', 'end'),
        ('50 streams of 1 MB/s at most, slowest', 'MB/s', 'slowest'),
        ('  all of them, with their start', 'MB/s', 'rate'),
        ('  a command beside them, median', 'ms', 'beside_median'),
        ('  p95', 'ms', 'beside_p95'),
        ('  slowest', 'ms', 'beside_max'))


def crowd_rows(instance, row):
    sandgate = [instance.env['BUILD'] + '/bin/sandgate', '--socket',
                instance.values['SG_RUN'] + '/api.sock']
    sandbox = subprocess.run(sandgate + ['create', '--pids', '1024'],
                             check=True, text=True,
                             stdout=subprocess.PIPE).stdout.split()[0]
    text = subprocess.run(
        ['node', TOP + '/tests/regress/http-crowd.js'], check=True, text=True,
        stdout=subprocess.PIPE, env=dict(
            os.environ, SANDBOX=sandbox,
            SG_RUN=instance.values['SG_RUN'])).stdout
    print(text, file=sys.stderr, end='')
    if re.search('^FAIL', text, re.M):
        sys.exit('contrib/bench: --crowd: see above')
    figures = json.loads(re.search('^figures (.*)$', text, re.M).group(1))
    for name, unit, which in ROWS:
        row(name, '-', unit, figures[which], 0, None)
