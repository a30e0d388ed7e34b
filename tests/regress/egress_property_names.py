#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Policies with names, lookups and packets at random: the kernel, `check` and
a reading of docs/EGRESS.md agree about where names lead.

egress_property_names.py SOCKET ID SEED CASES DNS,DNS6 ZONE, as
egress_property.py; ZONE is the file that the resolver's servers answer from
(egress_dns.py), which this writes. Each packet is a flow of its own. Standard
library only.
"""
import errno
import ipaddress
import os
import random
import re
import socket
import struct
import sys
import time

sys.dont_write_bytecode = True
import egress_dns as dns
import egress_property as plain
from egress_property import ICMP, ICMP6, NEVER, SCTP, TCP, UDP

PACKETS = 60  # of one policy
LOOKUPS = 3
PORTS = plain.PORTS + [853]
NAMES = '''x.test a.x.test b.x.test deep.a.x.test ax.test y.test www.y.test
alias.y.test far.z.test dns.google'''.split()
DOMAINS = NAMES[:-1] + ['*.x.test', '*.a.x.test', '*.test', '*.y.test',
    '*.z.test', '*.google', 'absent.test', 'X.Test.']
# Few, so that names share them and prefixes have them.
ADDRESSES = '''198.51.100.7 198.51.100.8 198.51.100.200 203.0.113.5 203.0.113.6
203.0.113.7 8.8.8.8 10.1.2.3 169.254.169.254 2001:db8::1 2001:db8::fffe
2001:db8::ffff 2001:db8:8000::1 fd00::1 ::ffff:198.51.100.7'''
ADDRESSES = [ipaddress.ip_address(word) for word in ADDRESSES.split()]
HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, '../../common/encrypted_dns.def')) as table:
    CLOSED = [ipaddress.ip_network(word) for word in
        re.findall(r'^ENCRYPTED_DNS_PREFIX\("(.*)"\)', table.read(), re.M)]


def covers(domain, name):
    domain = domain.lower().rstrip('.')
    if domain.startswith('*.'):
        return name.endswith(domain[1:])
    return name == domain


def domains_of(policy):
    return [domain.lower().rstrip('.') for rule in policy['rules']
        for domain in rule.get('domains', [])]


def is_closed(policy):
    return policy['default'] == 'deny' and bool(domains_of(policy))


def evaluate(policy, led, address, protocol, port):
    """As egress_property's, where rules may have domains: what each has led to
    stands for it."""
    if is_closed(policy) and protocol in (TCP, UDP) and (port == 853 or
            (port == 443 and any(address in p for p in CLOSED))):
        return False, 'always'
    rules = []
    for rule in policy['rules']:
        rule = dict(rule)
        if 'domains' in rule:
            rule['cidrs'] = [str(to) for domain in rule.pop('domains')
                for to in led.get(domain.lower().rstrip('.'), ())]
        rules.append(rule)
    return plain.evaluate({'default': policy['default'], 'rules': rules},
        address, protocol, port)


def make_policy(rng):
    policy = plain.make_policy(rng)
    while not domains_of(policy):
        for rule in policy['rules'] or [plain.make_rule(rng)]:
            if rng.random() < 0.5:
                rule.pop('cidrs', None)
                rule.update(action='allow', domains=rng.sample(DOMAINS,
                    rng.randint(1, 4)))
            if rule not in policy['rules']:
                policy['rules'].append(rule)
    if rng.random() < 0.6:
        policy['default'] = 'deny'
    return policy


def write_zone(rng, path):
    """Names to addresses, some by an alias; what the zone says of each."""
    zone, lines = {}, []
    for name in NAMES:
        zone[name] = rng.sample(ADDRESSES, rng.randint(0, 5))
        at = name
        if name.startswith('alias.') or rng.random() < 0.2:
            at = f'host{len(lines)}.elsewhere'
            lines.append(f'{name} CNAME 3600 {at}')
        for to in zone[name]:
            lines.append(f'{at} {"A" if to.version == 4 else "AAAA"} 3600 {to}')
        lines.append(f'{at} TXT 3600 here')
    with open(path, 'w') as file:
        file.write('\n'.join(lines) + '\n')
    return zone


def ask(server, name, kind):
    """The code and the addresses, or None where there is no answer."""
    with socket.socket(dns.family_of(server), socket.SOCK_DGRAM) as client:
        client.settimeout(1)
        try:
            client.connect((server, 53))
            client.send(dns.question(name, kind))
            data = client.recv(4096)
        except OSError:  # not there yet, or asked too often
            return None
    flags, _, count = struct.unpack('>HHH', data[2:8])
    _, at = dns.read_name(data, 12)
    at += 4
    found = set()
    for _ in range(count):
        _, at = dns.read_name(data, at)
        what, _, _, size = struct.unpack('>HHIH', data[at:at + 10])
        at += 10
        if what in (dns.TYPES['A'], dns.TYPES['AAAA']):
            found.add(ipaddress.ip_address(data[at:at + size]))
        at += size
    return flags & 15, found


def is_told(address):
    return not any(address in network for network in NEVER)


def look_up(rng, servers, policy, zone, led):
    """One name, as a program does; and what follows from it, in led."""
    name, kind = rng.choice(NAMES), rng.choice(['A', 'AAAA'])
    version = 4 if kind == 'A' else 6
    mine = [d for d in domains_of(policy) if covers(d, name)]
    is_open = any(plain.evaluate({'default': policy['default'], 'rules':
        [r for r in policy['rules'] if 'domains' not in r]},
        ipaddress.ip_address(server), protocol, 53)[0]
        for server in servers for protocol in (TCP, UDP))
    wanted = 3, set()
    if (mine or is_open) and not (is_closed(policy) and name == 'dns.google'):
        # Of a name that no rule has it is told all, as by any resolver.
        wanted = 0, {to for to in zone[name] if to.version == version and
            (is_told(to) or not mine)}
        for domain in mine:
            led.setdefault(domain, set()).update(wanted[1])
    # What was said before may still be on its way to the resolver.
    end = time.monotonic() + 20
    spelt = ''.join(rng.choice([c, c.upper()]) for c in name)
    while (got := ask(rng.choice(servers), spelt, kind)) != wanted:
        assert time.monotonic() < end, \
            f'{spelt} {kind}: {got}, not {wanted}: {policy}'
        time.sleep(0.01)


def send(sockets, number, address, protocol, port):
    """As egress_property's, of a source port or an id of its own."""
    source = 1024 + number % 60000
    payload = struct.pack('!HHIIBBHHH', source, port, 1, 0, 0x50, 2, 1024, 0,
        0)
    if protocol == UDP:
        payload = struct.pack('!HHHH', source, port, 8, 0)
    if protocol in (ICMP, ICMP6):
        payload = struct.pack('!BBHHH', 8 if protocol == ICMP else 128, 0, 0,
            source, 1)
    try:
        sockets[address.version, protocol].sendto(payload, (str(address), 0))
        return True
    except OSError as error:
        if error.errno == errno.EPERM:
            return False
        return None


def make_packet(rng):
    address = rng.choice(ADDRESSES) if rng.random() < 0.7 else \
        plain.make_address(rng)
    return address, rng.choice([TCP, TCP, UDP, UDP, ICMP, ICMP6, SCTP]), \
        rng.choice(PORTS)


class Run:
    def __init__(self, path, sandbox, seed, servers, zone):
        self.rng = random.Random(seed)
        self.api = plain.Api(path, sandbox)
        self.sockets = plain.open_sockets()
        self.servers = servers.split(',')
        self.zone = write_zone(self.rng, zone)
        self.led, self.done, self.n_policies = {}, 0, 0

    def try_packet(self, policy):
        address, protocol, port = packet = make_packet(self.rng)
        if str(address) in self.servers:
            return
        wanted = evaluate(policy, self.led, *packet)
        if protocol in (TCP, UDP) and self.rng.random() < 0.1:
            plain.check(self.api, policy, packet, wanted)
        got = send(self.sockets, self.done, *packet) \
            if plain.is_sendable(address) else None
        if got is None:
            return
        assert got == wanted[0], f'{packet}: the kernel says {got}, not ' \
            f'{wanted}: {policy}; names led to {self.led}'
        self.done += 1

    def try_policy(self):
        policy = make_policy(self.rng)
        status, answer = self.api.ask('PUT', '', policy)
        if status == 400 and 'cannot be allowed' in answer['error']['message']:
            return
        assert status == 200, (answer, policy)
        self.n_policies += 1
        # What a name led to stays, where the policy still has the name.
        self.led = {domain: to for domain, to in self.led.items()
            if domain in domains_of(policy)}
        for _ in range(PACKETS):
            if self.rng.random() < LOOKUPS / PACKETS:
                look_up(self.rng, self.servers, policy, self.zone, self.led)
            self.try_packet(policy)
        if self.n_policies % 32 == 0:  # ends every flow, and every name
            self.api.ask('PUT', '', plain.CORNERS[0])
            self.led = {}


def main(path, sandbox, seed, cases, servers, zone):
    run = Run(path, sandbox, int(seed), servers, zone)
    while run.done < int(cases):
        run.try_policy()
    print(f'{run.done} cases, {run.n_policies} policies with names agree')


print(f'seed {sys.argv[3]}', flush=True)
main(*sys.argv[1:])
