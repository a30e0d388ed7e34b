# SPDX-License-Identifier: Apache-2.0
"""The examples of Sandbox0's page on sandboxes, in its order, by the requests
that its clients for Go and Python send; what those clients decode must be
there, of its type, and mean what the page says.

Prints a line an example. SANDBOX0_BASE_URL and SANDBOX0_TOKEN as there.
"""
import datetime
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

BASE = os.environ['SANDBOX0_BASE_URL']
HEADERS = {'Authorization': 'Bearer ' + os.environ['SANDBOX0_TOKEN'],
    'Accept': 'application/json'}
ZERO = '0001-01-01T00:00:00Z'


def ask(method, path, body=None, **query):
    """Its status, its headers and its body, which is JSON or text."""
    url = BASE + path
    if query:
        url += '?' + urllib.parse.urlencode(query)
    headers = dict(HEADERS)
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        headers['Content-Type'] = 'application/json'
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            status, headers, text = reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        status, headers, text = error.code, error.headers, error.read()
    text = text.decode()
    is_json = headers.get_content_type() == 'application/json'
    return status, headers, json.loads(text) if is_json else text


def data_of(method, path, body=None, wanted=200, **query):
    status, headers, reply = ask(method, path, body, **query)
    assert status == wanted, (status, reply)
    assert reply['success'] is True
    assert headers['x-request-id']
    return reply['data']


def when(text):
    """Seconds; a client for Go takes RFC 3339 alone."""
    assert text.endswith('Z'), text
    if text == ZERO:
        return None
    return datetime.datetime.fromisoformat(text[:-1] + '+00:00').timestamp()


def has(value, **types):
    for name, kind in types.items():
        assert isinstance(value[name], kind), (name, value.get(name))


def is_close(seconds, wanted):
    assert abs(seconds - wanted) < 20, (seconds, wanted)


def is_sandbox(one):
    has(one, id=str, template_id=str, team_id=str, user_id=str, status=str,
        paused=bool, power_state=dict, auto_resume=bool, pod_name=str)
    has(one['power_state'], desired=str, desired_generation=int,
        observed=str, observed_generation=int, phase=str)
    for name in 'expires_at', 'hard_expires_at', 'claimed_at', 'created_at':
        when(one[name])


def claim():
    made = data_of('POST', '/api/v1/sandboxes', {'template': 'default',
        'config': {'hard_ttl': 300, 'env_vars': {'APP_ENV': 'development'}}},
        201)
    has(made, sandbox_id=str, status=str, pod_name=str, template=str)
    assert made['status'] in ('starting', 'running')
    global one
    one = '/api/v1/sandboxes/' + made['sandbox_id']


def get_sandbox():
    found = data_of('GET', one)
    is_sandbox(found)
    assert found['status'] == 'running'
    assert found['template_id'] == 'default'
    assert 'cluster_id' not in found
    is_close(when(found['hard_expires_at']), time.time() + 300)


def status_sandbox():
    found = data_of('GET', one + '/status')
    has(found, sandbox_id=str, template_id=str, status=str)
    assert found['status'] == 'running'


def get_logs():
    made = data_of('POST', one + '/contexts', {'type': 'cmd', 'cmd':
        {'command': ['sh', '-c', 'echo $APP_ENV; echo two >&2']},
        'wait_until_done': True}, 201)
    assert made['stdout'] == 'development\n', made
    status, headers, text = ask('GET', one + '/logs', tail_lines=200)
    assert status == 200 and headers.get_content_type() == 'text/plain'
    assert 'development\n' in text and 'two\n' in text, text
    assert headers['x-sandbox-id'] == one.rsplit('/', 1)[1]
    assert ask('GET', one + '/logs', tail_lines=5001)[0] == 400


def list_sandboxes():
    found = data_of('GET', '/api/v1/sandboxes', status='running',
        template_id='default', limit=10)
    has(found, sandboxes=list, count=int, has_more=bool)
    assert one.rsplit('/', 1)[1] in [each['id'] for each in
        found['sandboxes']]
    for each in found['sandboxes']:
        has(each, id=str, status=str, template_id=str, paused=bool)
        assert each['status'] == 'running'
    assert ask('GET', '/api/v1/sandboxes', limit=201)[0] == 400
    assert data_of('GET', '/api/v1/sandboxes', offset=1000)['sandboxes'] == []


def update_sandbox():
    """600 s would be above the hard_ttl of the first example."""
    status, _, reply = ask('PUT', one, {'config': {'ttl': 600,
        'auto_resume': False}})
    assert status == 400 and 'hard_ttl' in reply['error']['message'], reply
    found = data_of('PUT', one, {'config': {'ttl': 600, 'hard_ttl': 3600,
        'auto_resume': False}})
    is_sandbox(found)
    assert found['auto_resume'] is False
    is_close(when(found['expires_at']), time.time() + 600)


def update_what_may_not():
    for field, value in (('env_vars', {'A': 'b'}),
            ('webhook', {'url': 'https://example.com/'})):
        status, _, reply = ask('PUT', one, {'config': {field: value}})
        assert status == 400 and field in reply['error']['message'], reply
        assert reply['success'] is False


def refresh():
    found = data_of('POST', one + '/refresh')
    has(found, sandbox_id=str)
    is_close(when(found['expires_at']), time.time() + 600)
    is_close(when(found['hard_expires_at']), time.time() + 3600)


def refresh_for():
    found = data_of('POST', one + '/refresh', {'duration': 60})
    assert when(found['expires_at']) >= time.time() + 55


def pause_and_resume():
    before = data_of('GET', one)['power_state']
    found = data_of('POST', one + '/pause')
    assert found['paused'] is True
    for _ in range(600):
        found = data_of('GET', one)
        if found['paused'] and found['power_state']['phase'] == 'stable':
            break
        time.sleep(0.1)
    assert found['power_state']['desired'] == 'paused'
    assert found['power_state']['observed'] == 'paused'
    assert (found['power_state']['desired_generation'] >
        before['desired_generation'])
    assert data_of('POST', one + '/resume')['resumed'] is True
    for _ in range(600):
        found = data_of('GET', one)
        if not found['paused']:
            break
        time.sleep(0.1)
    assert found['status'] == 'running'
    assert found['power_state']['observed'] == 'active'


def delete():
    found = data_of('DELETE', one)
    has(found, message=str)
    status, _, reply = ask('GET', one)
    assert status == 404 and reply['error']['code'], reply


EXAMPLES = (('ClaimSandbox with a hard TTL and variables', claim),
    ('GetSandbox', get_sandbox), ('StatusSandbox', status_sandbox),
    ('GetLogs, by tail_lines', get_logs),
    ('ListSandboxes, by status and template', list_sandboxes),
    ('UpdateSandbox: ttl and auto_resume', update_sandbox),
    ('UpdateSandbox: not env_vars, not webhook', update_what_may_not),
    ('RefreshSandbox', refresh), ('RefreshSandbox for a minute', refresh_for),
    ('pause, resume and their generations', pause_and_resume),
    ('DeleteSandbox', delete))

for name, example in EXAMPLES:
    example()
    print('ok', name, flush=True)
print(len(EXAMPLES), 'steps')
