# SPDX-License-Identifier: Apache-2.0
"""Rows of contrib/bench about files over the HTTP API, beside an nginx that gives and
takes the same file by WebDAV: both behind a Unix socket, with curl for a client. Ours
are written inside a sandbox, hashed, and put in their place once they are whole; its
are on the same disk, and once more on the host's.
"""
import os
import shutil
import statistics
import subprocess
import tempfile
import time

from bench_life import Api

# So that the sandbox's memory holds the file, as the host's does for nginx.
MEMORY = '3G'
ROUNDS = 3
FILE_BYTES = 1 << 30
SMALL_FILES = 2000
SMALL_BYTES = 1024

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
		location /pool/ {
			alias %s/; dav_methods PUT;
			client_body_temp_path %s/body;
		}
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


def form_of(folder):
    """A configuration of curl's: all in one request."""
    path = folder + '/form'
    with open(path, 'w') as f:
        for n in range(SMALL_FILES):
            f.write('form = "f=@%s/small/%04d"\n' % (folder, n))
    return path


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
    places = (('', ours, there), ('', theirs, 'http://x/pool/file'),
              ("  beside one on the host's disk", theirs, 'http://x/file'))
    took = {name: ([], []) for _, _, name in places}
    for _ in range(ROUNDS):
        for _, where, name in places:
            took[name][0].append(seconds(*where, '-T', size, name))
            took[name][1].append(seconds(*where, name))
    for way, what in enumerate(('file up, 1 GiB', 'file down, 1 GiB')):
        mine = mib / statistics.median(took[there][way])
        for words, _, name in places[1:]:
            row(words or what, 'nginx', 'MB/s', mine,
                mib / statistics.median(took[name][way]), 1,
                is_more_better=True)
    each = each_of(folder, at.replace('%', '%%') +
                   '/files?path=bench-small/%04d')
    beside = each_of(folder + '/beside', 'http://x/small/%04d')
    row('%d files, a request each' % SMALL_FILES, 'nginx', '/s',
        SMALL_FILES / median(lambda: seconds(*ours, '-K', each)),
        SMALL_FILES / median(lambda: seconds(*theirs, '-K', beside)), None,
        is_more_better=True)
    form = form_of(folder)
    row('  %d in a request' % SMALL_FILES, '-', '/s', SMALL_FILES / median(
        lambda: seconds(*ours, '-K', form, at + '/files?path=bench-form')),
        0, None, is_more_better=True)
    archive = folder + '/small.tar'
    subprocess.run(('tar', '-C', folder + '/small', '-cf', archive, '.'),
                   check=True)
    row('  %d in a tar archive' % SMALL_FILES, '-', '/s', SMALL_FILES / median(
        lambda: seconds(*ours, '-T', archive, at +
                        '/files/tar?path=bench-tar')), 0, None,
        is_more_better=True)


def files_rows(instance, row):
    socket = instance.values['SG_RUN'] + '/api.sock'
    sandbox = Api(socket).call('POST', '/v1/sandboxes', {'memory': MEMORY})[1]['id']
    folder = tempfile.mkdtemp(prefix='bench-files-')
    pool = tempfile.mkdtemp(prefix='.bench-', dir=instance.values['SG_STATE'] +
                            '/disks')
    ours = ('--unix-socket', socket)
    theirs = ('--unix-socket', folder + '/nginx.sock')
    peer = None
    try:
        os.makedirs(folder + '/files/small')
        os.mkdir(folder + '/beside')
        os.symlink(folder + '/small', folder + '/beside/small')
        with open(folder + '/nginx.conf', 'w') as f:
            f.write(NGINX % (folder, pool, pool))
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
        Api(socket).call('DELETE', '/v1/sandboxes/' + sandbox)
        shutil.rmtree(pool)
        shutil.rmtree(folder)
