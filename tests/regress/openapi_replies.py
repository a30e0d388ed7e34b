# SPDX-License-Identifier: Apache-2.0
"""Asks each route of docs/openapi.yaml and holds the real reply against it.

What a reply has and the document does not, or the other way round, is an
error; so is a route that nothing here asks.
"""
import base64
import copy
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import urllib.parse

import jsonschema
import yaml

SOCKET, DOCUMENT, SCRATCH = sys.argv[1:4]
WAIT_S = 60


class Unix(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(WAIT_S)
        self.sock.connect(SOCKET)


class Document:
    def __init__(self, path):
        with open(path, encoding='utf-8') as file:
            self.all = yaml.safe_load(file)
        self.left = {(m.upper(), p) for p, ms in self.all['paths'].items()
                     for m in ms}

    def strict(self, schema, inside_all_of=False):
        """The schema without references, where nothing else may be and
        nothing that it names be missing."""
        if '$ref' in schema:
            schema = self.named(schema['$ref'])
        schema = copy.copy(schema)
        if 'allOf' in schema:
            schema['allOf'] = [self.strict(s, True) for s in schema['allOf']]
            if not inside_all_of:
                schema['unevaluatedProperties'] = False
        for word in ('anyOf', 'oneOf'):
            if word in schema:
                schema[word] = [self.strict(s) for s in schema[word]]
        if 'properties' in schema:
            schema['properties'] = {k: self.strict(v) for k, v in
                                    schema['properties'].items()}
            schema.setdefault('required', list(schema['properties']))
            if not inside_all_of and 'additionalProperties' not in schema:
                schema['unevaluatedProperties'] = False
        if 'items' in schema:
            schema['items'] = self.strict(schema['items'])
        return schema

    def named(self, reference):
        node = self.all
        for part in reference.split('/')[1:]:
            node = node[part]
        return node

    def reply(self, method, path, status):
        replies = self.all['paths'][path][method.lower()]['responses']
        found = replies.get(str(status))
        if found is None and status >= 400:
            found = replies.get('default')
        if found is not None and '$ref' in found:
            found = self.named(found['$ref'])
        return found

    def wish(self, method, path):
        body = self.all['paths'][path][method.lower()].get('requestBody', {})
        return body.get('content', {})


document = Document(DOCUMENT)
wrong = []


def complain(what, words):
    wrong.append(f'{what}: {words}')


def hold(what, schema, value):
    checker = jsonschema.Draft202012Validator(
        document.strict(schema),
        format_checker=jsonschema.FormatChecker())
    for error in checker.iter_errors(value):
        where = '/'.join(str(part) for part in error.absolute_path)
        complain(what, f'{where or "the reply"}: {error.message[:300]}')


def check(what, method, path, status, headers, data):
    document.left.discard((method, path))
    reply = document.reply(method, path, status)
    if reply is None:
        complain(what, f'status {status} is not in the document: '
                 f'{data[:200]!r}')
        return None
    content = reply.get('content', {})
    kind = (headers.get('Content-Type') or '').split(';')[0]
    if headers.get('X-Request-Id') is None:
        complain(what, 'no X-Request-Id')
    if not data:
        if content and method != 'HEAD':
            complain(what, f'no body, and there is {list(content)}')
        return None
    if '*/*' in content:
        return data
    if kind not in content:
        complain(what, f'{kind} is not among {list(content)}')
        return None
    schema = content[kind].get('schema')
    if kind == 'application/json':
        value = json.loads(data)
        if schema is None:
            complain(what, 'nothing is said of the body')
        else:
            hold(what, schema, value)
        return value
    if kind == 'application/x-ndjson':
        lines = [json.loads(line) for line in data.splitlines() if line]
        if schema is None:
            complain(what, 'nothing is said of its lines')
        for line in lines:
            if schema is not None:
                hold(what, schema, line)
        return lines
    return data


def hold_head(what, target, status, headers):
    """HEAD is answered where GET is, as GET, without a body."""
    connection = Unix('localhost')
    connection.request('HEAD', target, headers=headers)
    answer = connection.getresponse()
    if answer.status != status or answer.read():
        complain(what, f'HEAD: {answer.status}, and GET {status}')
    # And the connection goes on after it.
    try:
        connection.request('GET', '/healthz')
        is_well = connection.getresponse().status == 200
    except (http.client.HTTPException, OSError) as error:
        is_well = False
        complain(what, f'HEAD: {error!r}')
    if not is_well:
        complain(what, 'HEAD: what comes after it is lost')
    connection.close()


def ask(method, path, body=None, status=None, query='', kind=None,
        headers=None, cause=None, **names):
    """One request of a route by its path in the document."""
    real = re.sub(r'\{(\w+)\}',
                  lambda m: urllib.parse.quote(str(names[m[1]]), safe=''),
                  path)
    what = f'{method} {path}{query}'
    headers = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        kind = 'application/json'
        wish = document.wish(method, path).get(kind, {}).get('schema')
        if wish is None:
            complain(what, 'takes no JSON by the document')
        elif (status or 200) < 400:
            schema = document.named(wish['$ref'])
            for error in jsonschema.Draft202012Validator(
                    {**document.all, **schema}).iter_errors(body):
                complain(what, f'the request: {error.message[:300]}')
        body = json.dumps(body).encode()
    if kind is not None:
        headers['Content-Type'] = kind
    connection = Unix('localhost')
    connection.request(method, real + query, body, headers)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    value = check(what, method, path, answer.status, answer.headers, data)
    if method == 'GET' and status != 426:
        hold_head(what, real + query, answer.status, headers)
    if status is not None and answer.status != status:
        complain(what, f'status {answer.status}, not {status}: '
                 f'{data[:300]!r}')
    if cause is not None and json.loads(data)['error'].get('cause') != cause:
        complain(what, f'the cause is not {cause}: {data[:300]!r}')
    return value


def quick(method, path, *more, **names):
    value = ask(method, path, *more, **names)
    if not isinstance(value, dict) or 'error' in value:
        print('\n'.join(wrong), file=sys.stderr)
        sys.exit(f'{method} {path}: {value}')
    return value


ONE = '/v1/sandboxes/{id}'
CONTEXT = ONE + '/contexts/{ctx}'
PROCESS = ONE + '/processes/{pid}'
HOOK = '/v1/webhooks/{id}'
DISK = '/v1/disks/{id}'
ORG = '/v1/organisations/{name}'
USER = '/v1/users/{name}'
TEMPLATE = '/v1/templates/{name}'
name = f'oa-{os.getpid()}'


def each(rows, **names):
    for row in rows:
        ask(*row[:2], *row[2:3], **(row[3] if len(row) > 3 else {}), **names)


def of_failures():
    ask('POST', '/v1/sandboxes', {'memory': 5}, 400)
    ask('POST', '/v1/sandboxes', {'absent': 5}, 400)
    ask('POST', '/v1/sandboxes', b'{', 400, kind='application/json')
    ask('POST', '/v1/sandboxes', b'{}', 415, kind='text/plain')
    ask('POST', '/v1/sandboxes', {}, 400,
        headers={'Idempotency-Key': 'a key'})
    ask('GET', ONE, status=404, id='sb_0000000000000')
    ask('GET', '/v1/status', status=401,
        headers={'Authorization': 'Bearer absent'})
    ask('GET', '/v1/status', status=404,
        headers={'Sandgate-Org': 'there-is-none'})
    ask('GET', ONE + '/exec', status=426, id='sb_0000000000000')


def of_power(box):
    each([('POST', ONE + '/pause', None, {'status': 200}),
          ('POST', ONE + '/pause', None, {'status': 200}),
          ('POST', ONE + '/resume', None, {'status': 200}),
          ('POST', ONE + '/suspend', None, {'status': 200}),
          ('POST', ONE + '/pause', None, {'status': 409,
                                          'cause': 'suspended'}),
          ('POST', ONE + '/kill', None, {'status': 409,
                                         'cause': 'suspended'}),
          ('PATCH', ONE, {'auto_resume': False}, {'status': 200}),
          ('POST', ONE + '/exec', {'command': 'true'},
           {'status': 409, 'cause': 'auto_resume'}),
          ('PATCH', ONE, {'auto_resume': True}, {'status': 200}),
          ('POST', ONE + '/wake', None, {'status': 200}),
          ('POST', ONE + '/refresh', {'duration': '10m'}, {'status': 200}),
          ('POST', ONE + '/keepalive', {'timeout': '10m'}, {'status': 409}),
          ('POST', ONE + '/kill', None, {'status': 204}),
          ('PATCH', ONE, {'pids': 128, 'metadata': {'a': 'b'}},
           {'status': 200})], id=box)


def of_snapshots(box):
    made = ask('POST', ONE + '/snapshots', {'name': name, 'ttl': '1d'},
               id=box)
    if made is None or 'error' in made:  # disks that cannot be copied
        ask('POST', ONE + '/fork', {}, id=box)
        ask('POST', ONE + '/restore', {'snapshot': 'absent'}, id=box)
        ask('GET', ONE + '/snapshots', id=box)
        ask('GET', '/v1/snapshots')
        ask('GET', '/v1/snapshots/{snapshot}', snapshot='absent', status=404)
        ask('DELETE', '/v1/snapshots/{snapshot}', snapshot='absent',
            status=404)
        return
    ask('GET', ONE + '/snapshots', status=200, id=box)
    ask('GET', '/v1/snapshots', status=200)
    ask('GET', '/v1/snapshots/{snapshot}', snapshot=name, status=200)
    ask('POST', ONE + '/restore', {'snapshot': name}, 200, id=box)
    forks = ask('POST', ONE + '/fork', {'count': 1}, 201, id=box)
    for fork in forks['sandboxes']:
        ask('DELETE', ONE, status=204, id=fork['id'])
    ask('DELETE', '/v1/snapshots/{snapshot}', snapshot=name, status=204)


def of_access(box):
    ask('POST', ONE + '/sessions', {'ttl_seconds': 60}, 201, id=box)
    subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f',
                    f'{SCRATCH}/key'], check=True)
    with open(f'{SCRATCH}/key.pub', encoding='ascii') as file:
        public = file.read().strip()
    ask('POST', ONE + '/ssh-access', {'public_key': public,
                                      'ttl_seconds': 60}, 200, id=box)
    subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f',
                    f'{SCRATCH}/own'], check=True)
    with open(f'{SCRATCH}/own.pub', encoding='ascii') as file:
        public = file.read().strip()
    key = quick('POST', '/v1/ssh-keys', {'public_key': public, 'name': name})
    ask('POST', '/v1/ssh-keys', {'public_key': public}, 409)
    ask('GET', '/v1/ssh-keys', status=200)
    ask('DELETE', '/v1/ssh-keys/{id}', status=204, id=key['id'])
    authority = quick('POST', '/v1/ssh-cas', {'public_key': public})
    ask('GET', '/v1/ssh-cas', status=200)
    revoked = quick('POST', '/v1/ssh-revocations', {
        'ca': authority['id'], 'serial': 7})
    ask('GET', '/v1/ssh-revocations', status=200)
    ask('DELETE', '/v1/ssh-revocations/{id}', status=204, id=revoked['id'])
    ask('DELETE', '/v1/ssh-cas/{id}', status=204, id=authority['id'])
    token = quick('POST', '/v1/tokens', {'name': name, 'ttl_seconds': 60})
    ask('GET', '/v1/tokens', status=200)
    ask('DELETE', '/v1/tokens/{id}', status=204, id=token['id'])


def of_egress(box):
    policy = {'default': 'deny', 'rules': [
        {'action': 'allow', 'cidrs': ['192.0.2.0/24'], 'ports': [443, '80-90'],
         'protocols': ['tcp']}]}
    ask('GET', ONE + '/egress', status=200, id=box)
    ask('PUT', ONE + '/egress', policy, 200, id=box)
    ask('GET', ONE + '/egress', status=200, id=box)
    ask('POST', ONE + '/egress/check', {'host': '192.0.2.1', 'port': 22},
        200, id=box)
    ask('GET', ONE + '/env', status=200, id=box)
    ask('GET', ONE + '/egress/counts', status=200, id=box)
    ask('GET', ONE + '/egress/log', status=200, id=box)
    ask('DELETE', ONE + '/egress', status=204, id=box)
    ask('GET', '/v1/organisation/egress')
    ask('PUT', '/v1/organisation/egress', {'default': 'allow', 'rules': []})
    ask('GET', '/v1/organisation/egress', status=200)
    ask('DELETE', '/v1/organisation/egress', status=204)


def of_services(box):
    ask('POST', ONE + '/services', {'name': 'web', 'port': 8000,
                                    'auth': 'preview'}, id=box)
    ask('GET', ONE + '/services', status=200, id=box)
    preview = ask('POST', ONE + '/previews', {'port': 8000,
                                              'ttl_seconds': 60}, id=box)
    ask('GET', ONE + '/previews', status=200, id=box)
    ask('DELETE', ONE + '/previews/{preview}', id=box,
        preview=preview.get('id', '1') if preview else '1')
    ask('DELETE', ONE + '/services/{service}', id=box, service='web')


def of_exec(box):
    run = {'command': 'echo out; echo err >&2; exit 3'}
    ask('POST', ONE + '/exec', run, 200, id=box)
    ask('POST', ONE + '/exec', {**run, 'stream': True}, 200, id=box)
    ask('POST', ONE + '/exec', {'command': 'sleep 30', 'timeout_ms': 100},
        200, id=box)
    ask('POST', ONE + '/execute', {'command': 'kill -9 $$'}, 200, id=box)
    ask('POST', ONE + '/exec', {'argv': ['/absent']}, id=box)
    connection = Unix('localhost')
    connection.request('GET', f'/v1/sandboxes/{box}/exec', headers={
        'Connection': 'Upgrade', 'Upgrade': 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': base64.b64encode(b'0' * 16).decode()})
    answer = connection.getresponse()
    check(f'GET {ONE}/exec', 'GET', ONE + '/exec', answer.status,
          answer.headers, b'')
    connection.close()


def of_contexts(box):
    context = ask('POST', ONE + '/contexts', {'language': 'bash'}, 201,
                  id=box)
    names = {'id': box, 'ctx': context['id']}
    each([('GET', ONE + '/contexts', None, {'status': 200}),
          ('GET', CONTEXT, None, {'status': 200}),
          ('POST', CONTEXT + '/run', {'code': 'echo 1; echo 2 >&2'},
           {'status': 200}),
          ('POST', CONTEXT + '/run', {'code': 'echo 1', 'stream': True},
           {'status': 200}),
          ('POST', CONTEXT + '/interrupt', None),
          ('POST', ONE + '/run-python', {'code': 'print(1); 2'},
           {'status': 200}),
          ('POST', ONE + '/run-python', {'code': 'print(1); 2',
                                         'stream': True}, {'status': 200}),
          ('POST', CONTEXT + '/restart', None, {'status': 200}),
          ('DELETE', CONTEXT, None, {'status': 204})], **names)


def of_processes(box):
    process = quick('POST', ONE + '/processes', {
        'command': 'cat', 'stdin': True, 'tag': 'oa'}, id=box)
    names = {'id': box, 'pid': process['id']}
    each([('GET', ONE + '/processes', None, {'status': 200}),
          ('GET', PROCESS, None, {'status': 200}),
          ('POST', PROCESS + '/stdin', b'some words\n',
           {'status': 200, 'kind': 'application/octet-stream'}),
          ('POST', PROCESS + '/resize', {'rows': 5, 'cols': 50}),
          ('GET', PROCESS + '/output', None, {'status': 200}),
          ('POST', PROCESS + '/stdin/close', None, {'status': 204}),
          ('GET', PROCESS + '/wait', None, {
              'status': 200, 'query': f'?timeout_ms={WAIT_S * 500}'}),
          ('GET', PROCESS + '/output', None, {
              'status': 200, 'query': '?follow=1'}),
          ('POST', PROCESS + '/signal', {'signal': 'TERM'}),
          ('DELETE', PROCESS, None)], **names)
    other = quick('POST', ONE + '/processes', {
        'command': 'sleep 60', 'tty': {'rows': 24, 'cols': 80}}, id=box)
    names['pid'] = other['id']
    each([('GET', PROCESS, None, {'status': 200}),
          ('POST', PROCESS + '/resize', {'rows': 5, 'cols': 50},
           {'status': 204}),
          ('POST', PROCESS + '/signal', {'signal': 'KILL'}, {'status': 204}),
          ('GET', PROCESS + '/wait', None, {'status': 200}),
          ('DELETE', PROCESS, None)], **names)


def of_files(box):
    octets = 'application/octet-stream'
    parts = (b'--x\r\nContent-Disposition: form-data; name="a"; '
             b'filename="a.txt"\r\n\r\none\r\n--x--\r\n')
    each([('POST', ONE + '/files/mkdir', {'path': '/tmp/oa'},
           {'status': 200}),
          ('PUT', ONE + '/files', b'some words',
           {'status': 200, 'query': '?path=/tmp/oa/f', 'kind': octets}),
          ('POST', ONE + '/files', parts,
           {'status': 200, 'query': '?path=/tmp/oa',
            'kind': 'multipart/form-data; boundary=x'}),
          ('POST', ONE + '/upload', b'1',
           {'query': '?path=/tmp/oa/u', 'kind': octets}),
          ('PUT', ONE + '/upload', b'1',
           {'query': '?path=/tmp/oa/u', 'kind': octets}),
          ('GET', ONE + '/files', None, {'status': 200,
                                         'query': '?path=/tmp/oa/f'}),
          ('GET', ONE + '/files', None, {'status': 404,
                                         'query': '?path=/tmp/oa/absent'}),
          ('GET', ONE + '/download', None, {'status': 200,
                                            'query': '?path=/tmp/oa/f'}),
          ('GET', ONE + '/files/stat', None, {'status': 200,
                                              'query': '?path=/tmp/oa/f'}),
          ('GET', ONE + '/files/list', None, {'status': 200,
                                              'query': '?path=/tmp/oa'}),
          ('POST', ONE + '/files/move', {'path': '/tmp/oa/f',
                                         'target': '/tmp/oa/g'},
           {'status': 200}),
          ('POST', ONE + '/files/chmod', {'path': '/tmp/oa/g',
                                          'mode': '600'}, {'status': 200}),
          ('GET', ONE + '/files/watch', None, {
              'status': 404, 'query': '?path=/absent'}),
          ('GET', ONE + '/files/search', None, {
              'status': 200, 'query': '?path=/tmp/oa&text=words'}),
          ('GET', ONE + '/files/search', None, {
              'status': 200, 'query': '?path=/tmp/oa&name=*'}),
          ('PUT', ONE + '/files/tar', bytes(1024), {
              'query': '?path=/tmp/oa', 'kind': 'application/x-tar'}),
          ('GET', ONE + '/files/tar', None, {
              'status': 200, 'query': '?path=/tmp/oa'}),
          ('DELETE', ONE + '/files', None, {
              'status': 204, 'query': '?path=/tmp/oa&recursive=1'})], id=box)


def of_logs(box):
    ask('GET', ONE + '/logs', status=200, id=box)
    ask('GET', ONE + '/metrics', status=200, id=box)
    ask('GET', ONE + '/events', status=200, id=box)
    ask('GET', '/v1/events', status=200)


def of_hooks(box):
    hook = quick('POST', '/v1/webhooks', {
        'url': 'https://ci.example/hook', 'secret': 's3cret', 'sandbox': box,
        'events': 'paused,destroyed'})
    each([('GET', '/v1/webhooks', None, {'status': 200}),
          ('GET', HOOK, None, {'status': 200}),
          ('POST', HOOK + '/test', None, {'status': 204}),
          ('GET', HOOK + '/deliveries', None, {'status': 200}),
          ('DELETE', HOOK, None, {'status': 204})], id=hook['id'])


def of_disks(box):
    disk = quick('POST', '/v1/disks', {'name': name})
    octets = 'application/octet-stream'
    at = '?path=/notes/a.txt'
    each([('GET', '/v1/disks', None, {'status': 200}),
          ('GET', DISK, None, {'status': 200}),
          ('PUT', DISK + '/artifacts', b'some words',
           {'status': 201, 'query': at, 'kind': octets}),
          ('GET', DISK + '/artifacts', None, {'status': 200, 'query': at}),
          ('GET', DISK + '/artifacts/stat', None, {'status': 200,
                                                   'query': at}),
          ('PATCH', DISK + '/artifacts', {'metadata': {'a': 'b'}},
           {'status': 200, 'query': at}),
          ('GET', DISK + '/artifacts/list', None, {'status': 200,
                                                   'query': '?path=/'}),
          ('GET', DISK + '/artifacts/list', None, {
              'status': 200, 'query': '?path=/notes/'}),
          ('GET', DISK + '/artifacts/search', None, {
              'status': 200, 'query': '?grep=words'}),
          ('GET', DISK + '/artifacts/search', None, {
              'status': 200, 'query': '?glob=**/*.txt'}),
          ('POST', DISK + '/artifacts/to-sandbox',
           {'path': '/notes/a.txt', 'sandbox': box, 'target': '/tmp/a.txt'},
           {'status': 204}),
          ('POST', DISK + '/artifacts/from-sandbox',
           {'sandbox': box, 'source': '/tmp/a.txt', 'path': '/notes/b.txt',
            'metadata': {'a': 'b'}}, {'status': 201}),
          ('POST', DISK + '/artifacts/from-sandbox',
           {'sandbox': box, 'source': '/tmp/absent', 'path': '/notes/c.txt'},
           {'status': 404}),
          ('DELETE', DISK + '/artifacts', None, {'status': 204,
                                                 'query': at}),
          ('DELETE', DISK, None, {'status': 204})], id=disk['id'])


def of_people():
    each([('POST', '/v1/organisations', {'name': name}, {'status': 201}),
          ('POST', '/v1/organisations', {'name': name}, {'status': 409}),
          ('GET', '/v1/organisations', None, {'status': 200})])
    each([('GET', ORG, None, {'status': 200}),
          ('PATCH', ORG, {'max_sandboxes': 5}, {'status': 200}),
          ('DELETE', ORG, None, {'status': 204})], name=name)
    each([('GET', '/v1/organisation', None, {'status': 200}),
          ('GET', '/v1/quotas', None, {'status': 200}),
          ('GET', '/v1/usage', None, {'status': 200, 'query': '?limit=1'}),
          ('GET', '/v1/usage', None, {'status': 400, 'query': '?limit=0'}),
          ('PATCH', '/v1/organisation', {'member_reach': 'shared'}),
          ('POST', '/v1/users', {'name': name}, {'status': 201}),
          ('GET', '/v1/users', None, {'status': 200})])
    each([('GET', USER, None, {'status': 200}),
          ('PATCH', USER, {'role': 'viewer'}, {'status': 200}),
          ('DELETE', USER, None, {'status': 204})], name=name)


def of_templates(box):
    made = ask('POST', '/v1/templates', {'name': name, 'sandbox': box})
    is_made = made is not None and 'error' not in made
    each([('GET', '/v1/templates', None, {'status': 200}),
          ('GET', TEMPLATE, None, {'status': 200 if is_made else 404}),
          ('GET', TEMPLATE + '/log', None),
          ('DELETE', TEMPLATE, None)], name=name)
    ask('GET', TEMPLATE, status=200, name='base')
    ask('POST', '/v1/sandboxes/{id}/import',
        {'name': 'Not a name', 'source': '/nowhere.tar'}, status=400,
        id=box)
    ask('GET', '/v1/pool', status=200)
    ask('PUT', '/v1/pool/{name}', {'size': 1}, name='absent')
    ask('DELETE', '/v1/pool/{name}', name='absent')


def of_service():
    each([('GET', '/v1/ssh', None, {'status': 200}),
          ('GET', '/v1/status', None, {'status': 200}),
          ('GET', '/readyz', None, {'status': 200}),
          ('GET', '/v1/metrics', None, {'status': 200}),
          ('GET', '/metrics', None, {'status': 200}),
          ('GET', '/healthz', None, {'status': 200})])
    recordings = ask('GET', '/v1/recordings', status=200)['recordings']
    ask('GET', '/v1/recordings/{id}', id=recordings[0]['id'] if recordings
        else '20260131T235959.123Z-sb_4fz1k8q2m9xw-9f03c1d2-0-pty-1')


def main():
    box = quick('POST', '/v1/sandboxes', {
        'name': name, 'memory': '256M', 'labels': {'a': 'b'},
        'env': {'A': '1'}})['id']
    try:
        ask('GET', '/v1/sandboxes', status=200)
        ask('GET', '/v1/sandboxes', status=200, query='?limit=1')
        ask('GET', ONE, status=200, id=box)
        of_failures()
        for of in (of_access, of_egress, of_services, of_exec, of_contexts,
                   of_processes, of_files, of_disks, of_logs, of_hooks,
                   of_snapshots, of_templates, of_power):
            of(box)
        for of in (of_people, of_service):
            of()
    finally:
        ask('POST', ONE + '/stop', status=200, id=box)
        ask('GET', ONE, status=200, id=box)
        ask('POST', ONE + '/exec', {'command': 'true'}, 409, id=box,
            cause='destroyed')
        ask('DELETE', ONE, status=204, id=box)
        ask('GET', '/v1/sandboxes', status=200, query='?destroyed=1')
    for method, path in sorted(document.left):
        complain(f'{method} {path}', 'nothing asks it')
    if wrong:
        sys.exit('\n'.join(wrong))
    print('each route answers as docs/openapi.yaml says')


main()
