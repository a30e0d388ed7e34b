# SPDX-License-Identifier: Apache-2.0
"""Rows of contrib/bench that npm @computesdk/e2b measures, unmodified, with nothing
but E2B's URLs and a key: 100 sandboxes one after the other, one every 200 ms, and all
at once, each from its create to the end of its first command, beside the pool that
a host would have for them.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

N = 100
STAGGER_MS = 200
MORE = """[http]
max_connections = 1024
max_connections_per_address = 1024
[sandboxd]
pool = base:%d
""" % N
HERE = os.path.dirname(os.path.abspath(__file__))
INSTALL = os.path.dirname(HERE) + '/tests/regress/npm/install'


def packages():
    done = subprocess.run([INSTALL, '--have', 'sdk'], check=False, text=True,
                          stdout=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit('contrib/bench: needs npm packages: run ' + INSTALL)
    return done.stdout.strip() + '/node_modules'


def token(instance):
    text = subprocess.run(
        [instance.env['BUILD'] + '/bin/sandgate', '--socket',
         instance.values['SG_RUN'] + '/api.sock', '--json', 'token', 'create',
         'computesdk'], check=True, text=True, stdout=subprocess.PIPE).stdout
    return re.search(r'\bsg_[\w-]+', text).group()


def measure(instance):
    url = 'http://127.0.0.1:' + instance.values['SG_API_PORT']
    env = dict(os.environ, E2B_API_URL=url, E2B_SANDBOX_URL=url,
               E2B_API_KEY='e2b_' + token(instance))
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(packages(), folder + '/node_modules')
        with open(HERE + '/bench_computesdk.js') as file:
            open(folder + '/bench.js', 'w').write(file.read())
        text = subprocess.run(
            ['node', folder + '/bench.js', str(N), str(STAGGER_MS)], env=env,
            check=True, text=True, stdout=subprocess.PIPE).stdout
    return json.loads(text.splitlines()[-1])


def computesdk_rows(instance, row):
    for name, figures in measure(instance).items():
        print('computesdk %s: %s' % (name, json.dumps(figures)),
              file=sys.stderr)
        if figures['n_good'] < figures['n']:
            sys.exit('contrib/bench: %s: %d of %d: %s' % (
                name, figures['n_good'], figures['n'], figures['errors']))
        row('ComputeSDK %s, median' % name, '-', 'ms', figures['median'], 0,
            None)
        row('  p95', '-', 'ms', figures['p95'], 0, None)
        if name == 'burst':
            row('  all %d' % figures['n'], '-', 'ms', figures['wall'], 0, None)
