# SPDX-License-Identifier: Apache-2.0
"""Rows of contrib/bench about files over the HTTP API, beside an nginx that gives and
takes the same file by WebDAV: both behind a Unix socket, with curl for a client. Ours
are written inside a sandbox, hashed, and put in their place once they are whole.
"""
import os
import shutil
import statistics
import subprocess
import tempfile
import time

ROUNDS = 3
FILE_BYTES = 1 << 30
SMALL_FILES = 2000
SMALL_BYTES = 1024
FORM_FILES = 1000

NGINX = """
user root; daemon off; master_process off; worker_processes 1; pid nginx.pid;
error_log stderr;
events { worker_connections 64; }
http {
	access_log off; sendfile on; client_max_body_size 0;
	keepalive_requests 1000000000; client_body_temp_path body;
	proxy_temp_path proxy; fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi; scgi_temp_path scgi;
	server {
		listen unix:%s/nginx.sock;
		location / { root files; dav_methods PUT; }
	}
}
"""


def seconds(*words):
    """What one run of curl took, of all that it sent and got."""
    text = subprocess.run(
        ('curl', '-sSf', '-o', '/dev/null', '-w', '%{time_total}\n') + words,
        check=True, stdout=subprocess.PIPE, text=True).stdout
    return sum(float(line) for line in text.split())


def small_files(folder):
    os.mkdir(folder + '/small')
    for n in range(SMALL_FILES):
        with open('%s/small/%04d' % (folder, n), 'wb') as f:
            f.write(os.urandom(SMALL_BYTES))


def forms_of(folder):
    """Configurations of curl's: as many files as a request takes in each."""
    paths = []
    for first in range(0, SMALL_FILES, FORM_FILES):
        paths.append('%s/form%d' % (folder, first))
        with open(paths[-1], 'w') as f:
            for n in range(first, min(first + FORM_FILES, SMALL_FILES)):
                f.write('form = "f=@%s/small/%04d"\n' % (folder, n))
    return paths


def each_of(folder, url):
    """A configuration of curl's: one request for each, on one connection."""
    path = folder + '/each'
    with open(path, 'w') as f:
        for n in range(SMALL_FILES):
            f.write('upload-file = "%s/small/%04d"\nurl = "%s"\n'
                    'output = /dev/null\n' % (folder, n, url % n))
    return path


def wait_for(path):
    for _ in range(100):
        if os.path.exists(path):
            return
        time.sleep(0.1)
    raise RuntimeError(path + ' is not there')


def median(call):
    return statistics.median(call() for _ in range(ROUNDS))


def measure(row, folder, ours, at, theirs):
    size = folder + '/file'
    mib = FILE_BYTES >> 20
    there = at + '/files?path=bench-file'
    down_ours, down_theirs, up_ours, up_theirs = [], [], [], []
    for _ in range(ROUNDS):
        up_ours.append(seconds(*ours, '-T', size, there))
        up_theirs.append(seconds(*theirs, '-T', size, 'http://x/file'))
        down_ours.append(seconds(*ours, there))
        down_theirs.append(seconds(*theirs, 'http://x/file'))
    for what, mine, peer in (('file up, 1 GiB', up_ours, up_theirs),
                             ('file down, 1 GiB', down_ours, down_theirs)):
        row(what, 'nginx', 'MB/s', mib / statistics.median(mine),
            mib / statistics.median(peer), 1, is_more_better=True)
    each = each_of(folder, at.replace('%', '%%') +
                   '/files?path=bench-small/%04d')
    beside = each_of(folder + '/beside', 'http://x/small/%04d')
    row('%d files, a request each' % SMALL_FILES, 'nginx', '/s',
        SMALL_FILES / median(lambda: seconds(*ours, '-K', each)),
        SMALL_FILES / median(lambda: seconds(*theirs, '-K', beside)), None,
        is_more_better=True)
    forms = forms_of(folder)
    row('  %d in a request' % FORM_FILES, '-', '/s', SMALL_FILES / median(
        lambda: sum(seconds(*ours, '-K', form, at + '/files?path=bench-form')
                    for form in forms)), 0, None, is_more_better=True)


def files_rows(instance, row):
    sandbox = instance.values['SG_SANDBOX']
    folder = tempfile.mkdtemp(prefix='bench-files-')
    ours = ('--unix-socket', instance.values['SG_RUN'] + '/api.sock')
    theirs = ('--unix-socket', folder + '/nginx.sock')
    peer = None
    try:
        os.makedirs(folder + '/files/small')
        os.mkdir(folder + '/beside')
        os.symlink(folder + '/small', folder + '/beside/small')
        with open(folder + '/nginx.conf', 'w') as f:
            f.write(NGINX % folder)
        with open(folder + '/file', 'wb') as f:
            for _ in range(FILE_BYTES >> 20):
                f.write(os.urandom(1 << 20))
        small_files(folder)
        peer = subprocess.Popen(('nginx', '-p', folder, '-c',
                                 folder + '/nginx.conf'),
                                stderr=subprocess.DEVNULL)
        wait_for(folder + '/nginx.sock')
        measure(row, folder, ours, 'http://x/v1/sandboxes/' + sandbox,
                theirs)
    finally:
        if peer is not None:
            peer.terminate()
            peer.wait()
        subprocess.run(instance.ssh('sandbox', 'rm -rf bench-*'), check=False)
        shutil.rmtree(folder)
