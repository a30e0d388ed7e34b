# SPDX-License-Identifier: Apache-2.0
"""Rows of contrib/bench about services: gateway-proxy beside nginx's proxy_pass, each
one process with connections that stay, in front of the same program, an nginx: ours
in a sandbox, into which it is copied, and nginx's on the host, from where nobody
else reaches into a sandbox.
"""
import os
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

ROUNDS = 3
SECONDS = 3
CLIENTS = 16
BODY_BYTES = 1 << 30
PORT = 8000

BEHIND = """
daemon off; master_process off; worker_processes 1; pid nginx.pid;
error_log stderr;
events { worker_connections 1024; }
http {
	access_log off; sendfile on; keepalive_requests 1000000000;
	client_body_temp_path body; proxy_temp_path proxy;
	fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	server {
		listen 127.0.0.1:%d;
		location = / { return 200 "%s\\n"; }
		location /body { root .; }
	}
}
"""

BEFORE = """
daemon off; master_process off; worker_processes 1; pid nginx.pid;
error_log stderr;
events { worker_connections 1024; }
http {
	access_log off; keepalive_requests 1000000000;
	client_body_temp_path body; proxy_temp_path proxy;
	fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	upstream behind { server 127.0.0.1:%d; keepalive 64;
		keepalive_requests 1000000000; }
	server {
		listen 127.0.0.1:%d;
		location / {
			proxy_pass http://behind;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header Host $host;
			proxy_set_header X-Forwarded-For $remote_addr;
		}
	}
}
"""


def run(*words, **more):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE,
                          text=True, **more).stdout


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def pack(folder):
    """nginx and what it is linked with, as a folder that runs anywhere."""
    program = shutil.which('nginx')
    shutil.copy(program, folder + '/nginx')
    for path in re.findall(r'=> (/\S+)', run('ldd', program)):
        if not re.search(r'/(libc|ld-linux[^/]*|libdl|libpthread)\.so', path):
            shutil.copy(path, folder)
    with open(folder + '/behind.conf', 'w') as f:
        f.write(BEHIND % (PORT, 'x' * 511))


def requests_per_second(url):
    text = run('wrk', '-t1', '-c%d' % CLIENTS, '-d%ds' % SECONDS, url)
    if 'Non-2xx' in text:
        raise RuntimeError(text)
    return float(re.search(r'Requests/sec:\s+([\d.]+)', text).group(1))


def megabytes_per_second(url):
    text = run('curl', '-sSf', '-o', '/dev/null', '-w',
               '%{size_download} %{speed_download}', url + 'body')
    size, speed = text.split()
    if int(size) != BODY_BYTES:
        raise RuntimeError(text)
    return float(speed) / 1e6


def wait_for(url):
    for _ in range(200):
        if subprocess.run(['curl', '-sf', '-m', '5', '-o', '/dev/null',
                           url],
                          check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError('nothing answers at ' + url)


def measure(row, ours, theirs):
    for what, call, unit, target in (
            ('service, %d clients' % CLIENTS, requests_per_second, '1/s', 0.8),
            ('service, 1 GiB body', megabytes_per_second, 'MB/s', 1)):
        samples = [(call(ours), call(theirs)) for _ in range(ROUNDS)]
        row(what, 'nginx', unit, statistics.median(s[0] for s in samples),
            statistics.median(s[1] for s in samples), target,
            is_more_better=True)


def start_inside(instance, folder):
    """The program in the sandbox."""
    tar = subprocess.Popen(['tar', '-C', folder, '-c', '.'],
                           stdout=subprocess.PIPE)
    run(*instance.ssh('sandbox', 'mkdir -p bench && cd bench && tar -x && '
                      'truncate -s %d body && (LD_LIBRARY_PATH=. '
                      'setsid ./nginx -p . -c behind.conf '
                      '>nginx.log 2>&1 </dev/null &)' % BODY_BYTES),
        stdin=tar.stdout)
    tar.wait()


def start_beside(folder, port):
    """nginx, and the program behind it, on the host."""
    behind = free_port()
    with open(folder + '/before.conf', 'w') as f:
        f.write(BEFORE % (behind, port))
    with open(folder + '/beside.conf', 'w') as f:
        f.write(BEHIND % (behind, 'x' * 511))
    with open(folder + '/body', 'w') as f:
        f.truncate(BODY_BYTES)
    return [subprocess.Popen(['nginx', '-p', folder, '-c', folder + name],
                             stderr=subprocess.DEVNULL)
            for name in ('/beside.conf', '/before.conf')]


def services_rows(instance, row):
    values = instance.values
    sandbox = values['SG_SANDBOX']
    port = free_port()
    ours = 'http://127.0.0.1:%s/p/sb-%s/bench/' % (
        values['SG_PROXY_PORT'], sandbox[3:])
    theirs = 'http://127.0.0.1:%d/' % port
    folder = tempfile.mkdtemp(prefix='bench-services-')
    os.chmod(folder, 0o755)
    peers = []
    try:
        pack(folder)
        start_inside(instance, folder)
        peers = start_beside(folder, port)
        run(values['BUILD'] + '/bin/sandgate', '--socket',
            values['SG_RUN'] + '/api.sock', 'expose', sandbox, str(PORT),
            '--name', 'bench', '--public')
        wait_for(ours)
        wait_for(theirs)
        measure(row, ours, theirs)
    finally:
        for peer in peers:
            peer.terminate()
            peer.wait()
        subprocess.run(instance.ssh('sandbox', 'pkill nginx; rm -rf bench'),
                       check=False)
        shutil.rmtree(folder)
