#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Policies and packets at random: the kernel, `check` and a reading of
docs/EGRESS.md agree.

egress_property.py SOCKET ID SEED CASES, in the network namespace of the sandbox
as the host's root, who may send what nobody inside can: every protocol with
every port. A send that the rules refuse fails with EPERM. The evaluator below
is this file's own and shares nothing with the product. Standard library only.
"""
import errno
import http.client
import ipaddress
import json
import random
import socket
import struct
import sys

PACKETS = 100  # of one policy
TCP, UDP, ICMP, GRE, ICMP6, SCTP = 6, 17, 1, 47, 58, 132
NAMES = {TCP: 'tcp', UDP: 'udp', ICMP: 'icmp', ICMP6: 'icmp'}

NEVER = '''0.0.0.0/8 127.0.0.0/8 169.254.0.0/16 192.88.99.0/24 224.0.0.0/4
240.0.0.0/4 ::/96 ::ffff:0:0/96 100::/64 2001::/32 2002::/16 fe80::/9 ff00::/8
10.0.0.0/8 100.64.0.0/10 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16 198.18.0.0/15
64:ff9b::/96 64:ff9b:1::/48 fc00::/7'''
NEVER = [ipaddress.ip_network(word) for word in NEVER.split()]

# What is written of in policies, and reached for; more is made of these.
PREFIXES = '''0.0.0.0/0 ::/0 198.51.100.0/24 198.51.100.128/25 198.51.100.7/32
203.0.113.4/30 203.0.113.6/31 8.0.0.0/5 1.0.0.0/8 128.0.0.0/1 0.0.0.0/1
2001:db8::/32 2001:db8::/33 2001:db8:8000::/33 2001:db8::ffff/128
2001:db8::fffe/127 8000::/1 2a00::/12 255.255.255.255/32 255.255.255.254/31
169.254.0.0/16 10.0.0.0/8'''
PREFIXES = [ipaddress.ip_network(word) for word in PREFIXES.split()]
PORTS = [0, 1, 22, 24, 25, 26, 53, 79, 80, 81, 443, 1023, 1024, 8000, 65534,
    65535]


def evaluate(policy, address, protocol, port):
    """Whether it is let out, and by which rule: the first that matches."""
    if any(address in network for network in NEVER) or \
            (protocol == TCP and port == 25):
        return False, 'always'
    for number, rule in enumerate(policy['rules'], 1):
        if 'cidrs' in rule and not any(address in ipaddress.ip_network(cidr)
                for cidr in rule['cidrs']):
            continue
        names = rule.get('protocols')
        if names is None and 'ports' in rule:
            names = ['tcp', 'udp']
        if names is not None:
            if NAMES.get(protocol) not in names:
                continue
            if protocol in (ICMP, ICMP6) and \
                    (protocol == ICMP) != (address.version == 4):
                continue
        if 'ports' in rule:
            ranges = [(p, p) if isinstance(p, int) else
                tuple(map(int, p.split('-'))) for p in rule['ports']]
            if not any(low <= port <= high for low, high in ranges):
                continue
        return rule['action'] == 'allow', str(number)
    return policy['default'] == 'allow', 'default'


class Api(http.client.HTTPConnection):
    def __init__(self, path, sandbox):
        super().__init__('localhost')
        self.path = path
        self.base = f'/v1/sandboxes/{sandbox}/egress'

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)

    def ask(self, method, suffix, body):
        self.request(method, self.base + suffix, json.dumps(body),
            {'Content-Type': 'application/json'})
        answer = self.getresponse()
        return answer.status, json.loads(answer.read() or '{}')


def make_ports(rng):
    ports = []
    for _ in range(rng.randint(1, 4)):
        low, high = sorted(rng.choices(PORTS, k=2))
        ports.append(low if rng.random() < 0.4 else f'{low}-{high}')
    return ports


def make_rule(rng):
    rule = {'action': rng.choice(['allow', 'deny'])}
    if rng.random() < 0.8:
        rule['cidrs'] = [str(p) for p in rng.sample(PREFIXES,
            rng.randint(1, 6))]
    if rng.random() < 0.5:
        rule['ports'] = make_ports(rng)
    names = ['tcp', 'udp'] if 'ports' in rule else ['tcp', 'udp', 'icmp']
    if rng.random() < 0.5:
        rule['protocols'] = rng.sample(names, rng.randint(1, len(names)))
    return rule


def make_policy(rng):
    return {'default': rng.choice(['allow', 'deny']),
        'rules': [make_rule(rng) for _ in range(rng.randint(0, 8))]}


def make_address(rng):
    """One at an edge of something written of, or anywhere in it."""
    network = rng.choice(PREFIXES)
    low, high = int(network[0]), int(network[-1])
    number = rng.choice([low, high, low - 1, high + 1,
        rng.randint(low, high)])
    return type(network[0])(number % (1 << network.max_prefixlen))


def is_sendable(address):
    """Not to this namespace itself, nor in need of a link's name."""
    if address.version == 4:
        return int(address) >> 24 not in (0, 127)
    return not (address.is_loopback or address.is_unspecified or
        address.is_link_local or address.is_multicast or
        address.ipv4_mapped)


def send(sockets, address, protocol, port):
    """Whether the rules let it out; None where it cannot even be sent."""
    payload = struct.pack('!HHIIBBHHH', 40000, port, 1, 0, 0x50, 2, 1024, 0,
        0)
    if protocol == UDP:
        payload = struct.pack('!HHHH', 40000, port, 8, 0)
    if protocol in (ICMP, ICMP6):
        payload = struct.pack('!BBHHH', 8 if protocol == ICMP else 128, 0, 0,
            7, 1)
    try:
        sockets[address.version, protocol].sendto(payload, (str(address), 0))
        return True
    except OSError as error:
        if error.errno == errno.EPERM:
            return False
        if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH,
                errno.EINVAL, errno.EADDRNOTAVAIL, errno.EACCES):
            return None
        raise


def open_sockets():
    sockets = {}
    for version, family in (4, socket.AF_INET), (6, socket.AF_INET6):
        for protocol in TCP, UDP, ICMP, GRE, ICMP6, SCTP:
            s = socket.socket(family, socket.SOCK_RAW, protocol)
            if version == 4:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sockets[version, protocol] = s
    return sockets


CORNERS = [
    {'default': 'deny', 'rules': []},
    {'default': 'allow', 'rules': [{'action': 'deny',
        'cidrs': ['0.0.0.0/0']}]},
    {'default': 'allow', 'rules': [{'action': 'deny', 'cidrs': ['::/0']}]},
    {'default': 'deny', 'rules': [{'action': 'allow',
        'cidrs': ['0.0.0.0/0', '::/0'], 'ports': [0, 65535]}]},
    {'default': 'deny', 'rules': [{'action': 'allow', 'ports': ['0-65535']}]},
    {'default': 'allow', 'rules': [{'action': 'deny',
        'cidrs': ['255.255.255.255', '203.0.113.6/31', '2001:db8::ffff/128',
            '2001:db8::/32', '2001:db8::/33', '2001:db8:8000::/33']}]},
    {'default': 'deny', 'rules': [
        {'action': 'deny', 'cidrs': ['198.51.100.128/25'], 'ports': [80]},
        {'action': 'allow', 'cidrs': ['198.51.100.0/24', '198.51.100.0/25'],
            'ports': ['79-81', '80-443', 80, '82-1023']}]},
    {'default': 'deny', 'rules': [{'action': 'allow',
        'protocols': ['icmp']}]},
]


def check(api, policy, packet, wanted):
    address, protocol, port = packet
    status, answer = api.ask('POST', '/check', {'host': str(address),
        'port': port, 'protocol': NAMES[protocol]})
    assert status == 200, answer
    got = answer['allowed'], answer['rule']
    assert got == wanted, f'check {packet}: {got}, not {wanted}: {policy}'


def try_policy(api, rng, sockets, policy, n):
    status, answer = api.ask('PUT', '', policy)
    if status == 400 and 'cannot be allowed' in answer['error']['message']:
        return 0
    assert status == 200, (answer, policy)
    done = 0
    for _ in range(n):
        address, port = make_address(rng), rng.choice(PORTS)
        protocol = rng.choice([TCP, TCP, UDP, UDP, ICMP, GRE, ICMP6, SCTP])
        wanted = evaluate(policy, address, protocol, port)
        if protocol in (TCP, UDP) and rng.random() < 0.2:
            check(api, policy, (address, protocol, port), wanted)
        got = send(sockets, address, protocol, port) \
            if is_sendable(address) else None
        if got is None:
            continue
        assert got == wanted[0], \
            f'{address} protocol {protocol} port {port}: the kernel says ' \
            f'{got}, rule {wanted[1]} {wanted[0]}: {json.dumps(policy)}'
        done += 1
    return done


def main(path, sandbox, seed, cases):
    rng = random.Random(int(seed))
    api, sockets = Api(path, sandbox), open_sockets()
    done = n_policies = 0
    for policy in CORNERS:
        done += try_policy(api, rng, sockets, policy, PACKETS)
    while done < int(cases):
        done += try_policy(api, rng, sockets, make_policy(rng), PACKETS)
        n_policies += 1
        if n_policies % 8 == 0:  # ends every flow
            api.ask('PUT', '', CORNERS[0])
    print(f'{done} cases, {n_policies} policies agree')


if __name__ == '__main__':
    print(f'seed {sys.argv[3]}', flush=True)
    main(*sys.argv[1:])
