# SPDX-License-Identifier: Apache-2.0
"""Has the sandbox be the files of an OCI image and no others, as its root.

image.py SOURCE: what skopeo calls it. Skopeo and umoci get and unpack it; then
this process, which has all it needs in memory, removes what was here and puts
the image's files in its place. What the image says of user, folder, variables
and program is printed, as POST /v1/templates has it.
"""
import json
import os
import shutil
import subprocess
import sys

PLACE = '/.import'
# Mounts in every sandbox, the same in one of the image.
KEPT = {'proc', 'sys', 'dev', 'tmp', 'run', PLACE[1:]}
KINDS = ('docker://', 'oci:', 'oci-archive:', 'docker-archive:')
CONFIG_BYTES = 1 << 20


def run(*argv, **options):
    return subprocess.run(argv, cwd=PLACE, check=True,
                          stdin=subprocess.DEVNULL,
                          **{'stdout': sys.stderr, **options})


def unpack(source):
    shutil.rmtree(PLACE, ignore_errors=True)
    os.mkdir(PLACE, 0o700)
    run('skopeo', '--insecure-policy', 'copy', source, 'oci:oci:image')
    config = run('skopeo', 'inspect', '--config', '--raw', 'oci:oci:image',
                 stdout=subprocess.PIPE).stdout
    if len(config) > CONFIG_BYTES:
        sys.exit('the configuration of the image is longer than 1 MiB')
    run('umoci', 'raw', 'unpack', '--image', 'oci:image', 'root')
    return json.loads(config).get('config') or {}


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.remove(path)


def replace():
    for name in os.listdir('/'):
        if name not in KEPT:
            remove('/' + name)
    for name in os.listdir(PLACE + '/root'):
        if name not in KEPT:
            os.rename(PLACE + '/root/' + name, '/' + name)
    shutil.rmtree(PLACE)
    os.sync()


def terms(config):
    words = (config.get('Entrypoint') or []) + (config.get('Cmd') or [])
    found = {'user': config.get('User') or '0',
             'workdir': config.get('WorkingDir') or '/',
             'env': dict(entry.split('=', 1)
                         for entry in config.get('Env') or []
                         if entry.find('=') > 0)}
    return {**found, 'entrypoint': words} if words else found


def main():
    if len(sys.argv) != 2 or not sys.argv[1].startswith(KINDS):
        sys.exit('not docker://NAME, oci:FOLDER, oci-archive:FILE or '
                 'docker-archive:FILE')
    for program in ('skopeo', 'umoci'):
        if shutil.which(program) is None:
            sys.exit('no %s in here: make the sandbox of the template oci'
                     % program)
    try:
        config = unpack(sys.argv[1])
    except subprocess.CalledProcessError as error:
        sys.exit('%s failed' % error.cmd[0])
    said = json.dumps(terms(config))
    replace()
    sys.stdout.write(said)


main()
