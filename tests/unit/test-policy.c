// SPDX-License-Identifier: Apache-2.0
/* Policies as they come over the wire: what is refused, and what decides. */
#include "sandboxd/net/egress/policy.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rpc_calls.h"
#include "sandboxd/net/egress/always.h"
#include "sandboxd/net/egress/encrypted_dns.h"

#define ROOM 65536

/* A rule in words: cidrs and ports by spaces, a range as "20-25". */
struct words {
	bool is_allow;
	const char *cidrs, *ports;
	uint32_t protocols;
	const char *name;
	const char *domains; /* by spaces, too */
};

static uint8_t rule_room[ROOM], policy_room[ROOM];
static struct policy policy;
static struct egress_host host;
static struct err err;

static void
add_cidr(struct rpc_list *list, const char *text)
{
	struct rpc_egress_cidr cidr;
	struct prefix prefix;

	assert(prefix_parse(text, &prefix) == 0);
	cidr.address.data = prefix.address;
	cidr.address.size = prefix.family == AF_INET ? 4 : 16;
	cidr.length = prefix.length;
	assert(rpc_list_add(list, &rpc_layout_egress_cidr, &cidr) == 0);
}

static void
add_ports(struct rpc_list *list, const char *text)
{
	struct rpc_egress_ports ports;
	int n = sscanf(text, "%u-%u", &ports.first, &ports.last);

	assert(n >= 1);
	if (n == 1)
		ports.last = ports.first;
	assert(rpc_list_add(list, &rpc_layout_egress_ports, &ports) == 0);
}

static void
add_words(struct rpc_list *list, const char *words,
    void (*add)(struct rpc_list *list, const char *text))
{
	char copy[1024], *rest = copy, *word;

	snprintf(copy, sizeof copy, "%s", words != NULL ? words : "");
	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			add(list, word);
}

static void
add_domains(struct rpc_strv *ret, const char *words)
{
	static char room[ROOM];

	snprintf(room, sizeof room, "%s", words != NULL ? words : "");
	ret->data = room;
	ret->size = *room != '\0' ? (uint32_t)strlen(room) + 1 : 0;
	ret->count = *room != '\0';
	for (char *c = room; *c != '\0'; c++)
		if (*c == ' ') {
			*c = '\0';
			ret->count++;
		}
}

static void
add_rule(struct rpc_list *rules, const struct words *words)
{
	static uint8_t cidr_room[ROOM], ports_room[ROOM];
	struct rpc_list cidrs = {cidr_room, ROOM, 0, 0};
	struct rpc_list ports = {ports_room, ROOM, 0, 0};
	struct rpc_egress_rule rule = {.is_allow = words->is_allow,
	    .protocols = words->protocols, .name = words->name};

	add_words(&cidrs, words->cidrs, add_cidr);
	add_words(&ports, words->ports, add_ports);
	rule.cidrs = rpc_list_bytes(&cidrs);
	rule.ports = rpc_list_bytes(&ports);
	add_domains(&rule.domains, words->domains);
	assert(rpc_list_add(rules, &rpc_layout_egress_rule, &rule) == 0);
}

static struct rpc_bytes
wrap(const struct rpc_list *rules, bool is_allow)
{
	struct rpc_list list = {policy_room, ROOM, 0, 0};
	const struct rpc_egress_policy wire = {is_allow,
	    rpc_list_bytes(rules), {0}};

	assert(rpc_list_add(&list, &rpc_layout_egress_policy, &wire) == 0);
	return rpc_list_bytes(&list);
}

/* policy_read, and policy_check. */
static int
read_rules(const struct words *words, size_t n, bool is_allow)
{
	struct rpc_list rules = {rule_room, ROOM, 0, 0};
	int r;

	for (size_t i = 0; i < n; i++)
		add_rule(&rules, &words[i]);
	r = policy_read(wrap(&rules, is_allow), false, &policy, &err);
	return r < 0 ? r : policy_check(&policy, &host, &err);
}

static void
refuses(struct words words, const char *text)
{
	assert(read_rules(&words, 1, false) == -EINVAL);
	if (strstr(err.text, text) == NULL)
		fprintf(stderr, "%s\n", err.text);
	assert(strstr(err.text, text) != NULL);
}

static bool
lets(const char *address, uint8_t protocol, uint16_t port,
    const char *wanted_name)
{
	struct policy_packet packet = {.protocol = protocol, .port = port};
	const char *name;
	bool is_allowed;

	assert(prefix_parse(address, &packet.to) == 0);
	is_allowed = policy_allows(&policy, &packet,
	    policy_decide(&policy, &packet), &name);
	assert(strcmp(name, wanted_name) == 0);
	return is_allowed;
}

static void
test_default(void)
{
	const struct rpc_bytes none = {0};

	assert(policy_read(none, false, &policy, &err) == 0);
	assert(lets("192.0.2.1", IPPROTO_TCP, 80, "default"));
	assert(lets("2001:db8::1", 47, 0, "default"));
	assert(policy_read(none, true, &policy, &err) == 0);
	assert(!lets("192.0.2.1", IPPROTO_TCP, 80, "default"));
	assert(read_rules(NULL, 0, true) == 0);
	assert(lets("192.0.2.1", IPPROTO_TCP, 80, "default"));
	assert(read_rules(NULL, 0, false) == 0);
	assert(!lets("192.0.2.1", IPPROTO_TCP, 80, "default"));
}

static void
test_order(void)
{
	const struct words words[] = {
	    {false, "192.0.2.128/25", NULL, 0, "half"},
	    {true, "192.0.2.0/24", "443 8000-8010", 0, NULL},
	    {false, "192.0.2.0/24", NULL, 0, "rest"},
	    {true, NULL, NULL, EGRESS_ICMP, "echo"},
	    {true, "2001:db8::/32", "53", EGRESS_UDP, "dns"},
	};

	assert(read_rules(words, 5, false) == 0);
	assert(!lets("192.0.2.128", IPPROTO_TCP, 443, "half"));
	assert(lets("192.0.2.127", IPPROTO_TCP, 443, "2"));
	assert(lets("192.0.2.127", IPPROTO_UDP, 8010, "2"));
	assert(!lets("192.0.2.127", IPPROTO_UDP, 8011, "rest"));
	assert(!lets("192.0.2.127", IPPROTO_ICMP, 0, "rest"));
	assert(lets("192.0.3.0", IPPROTO_ICMP, 0, "echo"));
	assert(lets("2001:db8::1", IPPROTO_ICMPV6, 0, "echo"));
	assert(!lets("2001:db8::1", IPPROTO_ICMP, 0, "default"));
	assert(lets("2001:db8::1", IPPROTO_UDP, 53, "dns"));
	assert(!lets("2001:db8::1", IPPROTO_TCP, 53, "default"));
	assert(!lets("2001:db9::1", IPPROTO_UDP, 53, "default"));
}

static void
test_corners(void)
{
	const struct words words[] = {
	    {true, "255.255.255.254/31 198.51.100.7", "0 65535", EGRESS_TCP,
		"edges"},
	    {true, "2001:db8::ffff/128", NULL, 0, "one"},
	    {false, "0.0.0.0/0", "0-65535", EGRESS_UDP, "udp"},
	    {true, "0.0.0.0/0 ::/0", NULL, 0, "all"},
	};

	assert(read_rules(words + 1, 3, false) == 0);
	assert(lets("2001:db8::ffff", 132, 0, "one"));
	assert(lets("2001:db8::fffe", 132, 0, "all"));
	assert(lets("255.255.255.255", IPPROTO_TCP, 0, "all"));
	assert(!lets("0.0.0.0", IPPROTO_UDP, 65535, "udp"));
	host.is_smtp_open = true;
	assert(read_rules(words, 1, false) == -EINVAL); /* reserved */
	policy.rules[0].is_allow = true;
	assert(lets("255.255.255.255", IPPROTO_TCP, 65535, "edges"));
	assert(lets("255.255.255.254", IPPROTO_TCP, 0, "edges"));
	assert(!lets("255.255.255.253", IPPROTO_TCP, 0, "default"));
	assert(!lets("198.51.100.7", IPPROTO_TCP, 1, "default"));
	host.is_smtp_open = false;
}

static void
test_refusals(void)
{
	refuses((struct words){.is_allow = true, .cidrs = "169.254.169.254"},
	    "rules[0].cidrs: 169.254.169.254 cannot be allowed: link-local");
	refuses((struct words){.is_allow = true, .cidrs = "fe80::1"},
	    "link-local is never allowed");
	refuses((struct words){.is_allow = true,
	    .cidrs = "192.0.2.1 ::ffff:192.0.2.0/120"},
	    "IPv4 in an IPv6 address is never allowed");
	refuses((struct words){.is_allow = true, .cidrs = "10.1.0.0/16"},
	    "10.0.0.0/8 is private, and not in this host's allow_private");
	refuses((struct words){.is_allow = true, .cidrs = "10.213.7.0/24"},
	    "no sandbox reaches another");
	refuses((struct words){.is_allow = true, .ports = "25"},
	    "rules[0].ports: 25 cannot be allowed");
	refuses((struct words){.is_allow = true, .cidrs = "192.0.2.1/24"},
	    "rules[0].cidrs: an address, or a prefix without host bits");
	refuses((struct words){.ports = "9-8"}, "rules[0].ports: from 0");
	refuses((struct words){.ports = "1-65536"}, "rules[0].ports: from 0");
	refuses((struct words){.ports = "1", .protocols = EGRESS_ICMP},
	    "rules[0].ports: of tcp and udp");
	refuses((struct words){.protocols = 32}, "rules[0].protocols: tcp");
	refuses((struct words){.protocols = EGRESS_TLS}, "with domains");
	refuses((struct words){.name = "a\nb"}, "rules[0].name: printable");
}

/* What is refused to all may be denied once more, and what is partly open
 * allowed; so may a resolver, wherever it is. */
static void
test_let_be(void)
{
	const struct words words[] = {
	    {false, "169.254.169.254 10.0.0.0/8", NULL, 0, NULL},
	    {true, "0.0.0.0/0", "1-1024", 0, NULL},
	    {true, "10.99.0.0/24", NULL, 0, NULL},
	    {true, "169.254.169.253", "53", 0, NULL}};

	assert(prefix_parse("10.99.0.0/16", &host.allowed_private[0]) == 0);
	assert(prefix_parse("169.254.169.253", &host.resolvers[0]) == 0);
	host.n_allowed_private = host.n_resolvers = 1;
	assert(read_rules(words, 4, false) == 0);
	host.n_allowed_private = host.n_resolvers = 0;
	assert(read_rules(words, 3, false) == -EINVAL);
	assert(read_rules(words, 2, false) == 0);
}

static void
test_always(void)
{
	struct prefix address;

	assert(prefix_parse("169.254.169.253", &address) == 0);
	assert(always_refuses(&host, &address, false, 53) != NULL);
	host.resolvers[0] = address;
	host.n_resolvers = 1;
	assert(always_refuses(&host, &address, false, 53) == NULL);
	assert(always_refuses(&host, &address, false, 54) != NULL);
	assert(always_refuses(&host, &address, false, -1) != NULL);
	host.n_resolvers = 0;
	assert(prefix_parse("192.0.2.9", &address) == 0);
	assert(always_refuses(&host, &address, true, 25) != NULL);
	assert(always_refuses(&host, &address, false, 25) == NULL);
	assert(always_refuses(&host, &address, true, 26) == NULL);
}

static void
test_bounds(void)
{
	static struct words words[EGRESS_RULES_MAX + 1];
	static char ports[1024];
	size_t used = 0;

	assert(read_rules(words, EGRESS_RULES_MAX, false) == 0);
	assert(read_rules(words, EGRESS_RULES_MAX + 1, false) == -EINVAL);
	assert(strstr(err.text, "rules: more than 64") != NULL);
	for (size_t i = 0; i < EGRESS_PORTS_MAX / 2; i++)
		used += (size_t)snprintf(ports + used, sizeof ports - used,
		    "%zu ", i);
	words[0].ports = words[1].ports = ports;
	words[2].ports = "7";
	assert(read_rules(words, 2, false) == 0);
	assert(read_rules(words, 3, false) == -EINVAL);
	assert(strstr(err.text, "rules[2].ports: more than the 256") != NULL);
}

static bool
covers(const char *domain, const char *name)
{
	char one[EGRESS_DOMAIN_SIZE], other[EGRESS_DOMAIN_SIZE];

	assert(egress_domain_read(domain, one) == NULL);
	assert(egress_domain_read(name, other) == NULL);
	return egress_domain_covers(one, other);
}

static void
test_domains(void)
{
	char name[EGRESS_DOMAIN_SIZE], label[80] = "", longest[400];

	assert(covers("GitHub.com.", "github.COM"));
	assert(covers("*.github.com", "api.github.com"));
	assert(covers("*.github.com", "a.b.github.com"));
	assert(!covers("*.github.com", "github.com"));
	assert(!covers("*.github.com", "agithub.com"));
	assert(!covers("github.com", "api.github.com"));
	assert(!covers("github.com", "github.com.evil.test"));
	assert(covers("*.x.y", "_dmarc.xn--bcher-kva.x.y"));
	memset(label, 'a', 63);
	assert(egress_domain_read(label, name) == NULL);
	/* Its dot does not count, what the star stands for does. */
	snprintf(longest, sizeof longest, "%s.%.16s.x.y", label, label);
	assert(covers("*.x.y", longest));
	snprintf(longest, sizeof longest, "%s.%.17s.x.y", label, label);
	assert(!covers("*.x.y", longest));
	snprintf(longest, sizeof longest, "%s.%s.%s.%.61s", label, label,
	    label, label);
	assert(strlen(longest) == 253);
	assert(egress_domain_read(longest, name) == NULL);
	strcat(longest, ".");
	assert(egress_domain_read(longest, name) == NULL);
	longest[253] = 'a';
	assert(egress_domain_read(longest, name) != NULL);
	label[63] = 'a';
	assert(egress_domain_read(label, name) != NULL);
	for (size_t i = 0; i < 13; i++) {
		static const char *const bad[] = {"", ".", "..", "a..b",
		    ".a", "*", "*.", "a.*", "a b", "a/b", "b\303\274.x",
		    "192.0.2.1", "a.1"};

		assert(egress_domain_read(bad[i], name) != NULL);
	}
}

static void
test_names(void)
{
	const struct words words[] = {
	    {true, NULL, "443", 0, "hub", "github.com *.github.com"},
	    {false, "192.0.2.0/24", NULL, 0, "net", NULL},
	    {true, NULL, NULL, 0, "again", "GITHUB.com."},
	};
	struct policy_packet packet = {.protocol = IPPROTO_TCP, .port = 443};
	const struct words *one = words;

	host.n_resolvers = 0;
	assert(read_rules(one, 1, false) == -EINVAL);
	assert(strstr(err.text, "no resolver") != NULL);
	host.n_resolvers = 1;
	assert(read_rules(words, 3, false) == 0 && policy.n_domains == 3);
	assert(policy_has_names(&policy));
	assert(policy.domains[0].mark == policy.domains[2].mark);
	assert(policy.domains[0].mark != policy.domains[1].mark);
	/* An address alone is of no name. */
	assert(lets("198.51.100.1", IPPROTO_TCP, 443, "default") == false);
	assert(prefix_parse("192.0.2.1", &packet.to) == 0);
	packet.mark = policy.domains[0].mark;
	assert(policy_decide(&policy, &packet) == 0);
	packet.port = 80;
	assert(policy_decide(&policy, &packet) == 1);
	assert(prefix_parse("198.51.100.1", &packet.to) == 0);
	assert(policy_decide(&policy, &packet) == 2);
	packet.mark = policy.domains[1].mark;
	assert(policy_decide(&policy, &packet) == POLICY_DEFAULT);
	packet.mark = 0;
	packet.leads = (const bool[]){false, true, false};
	assert(policy_decide(&policy, &packet) == POLICY_DEFAULT);
	packet.port = 443;
	packet.leads = (const bool[]){true, false, true};
	assert(policy_decide(&policy, &packet) == 0);
	packet.leads = NULL;
	refuses((struct words){.domains = "github.com"}, "rules[0].domains: "
	    "names are allowed, not denied");
	refuses((struct words){.is_allow = true, .cidrs = "192.0.2.1",
	    .domains = "github.com"}, "rules[0].domains: not in a rule");
	refuses((struct words){.is_allow = true, .domains = "192.0.2.1"},
	    "an address belongs into cidrs");
	host.n_resolvers = 0;
}

/* One switch, which depends on the policy where nothing is said. */
static void
test_encrypted_dns(void)
{
	struct words names = {.is_allow = true, .domains = "*.google"};
	struct words port = {.is_allow = true, .ports = "853"};
	struct prefix known, other;

	assert(egress_is_encrypted_dns("dns.google"));
	assert(egress_is_encrypted_dns("x.dns.google"));
	assert(!egress_is_encrypted_dns("adns.google"));
	assert(!egress_is_encrypted_dns("google"));
	assert(prefix_parse("2001:4860:4860::8888", &known) == 0);
	assert(prefix_parse("192.0.2.1", &other) == 0);
	assert(encrypted_dns_refuses(&known, 443) != NULL);
	assert(encrypted_dns_refuses(&known, 80) == NULL);
	assert(encrypted_dns_refuses(&other, 443) == NULL);
	assert(encrypted_dns_refuses(&other, 853) != NULL);
	assert(!encrypted_dns_is_closed(&host, NULL));
	assert(read_rules(&port, 1, false) == 0);
	host.n_resolvers = 1;
	assert(read_rules(&names, 1, true) == 0);
	assert(!encrypted_dns_is_closed(&host, &policy));
	assert(read_rules(&names, 1, false) == 0);
	assert(encrypted_dns_is_closed(&host, &policy));
	names.domains = "dns.google";
	assert(read_rules(&names, 1, false) == -EINVAL);
	assert(strstr(err.text, "dns.google cannot be allowed") != NULL);
	host.encrypted_dns = EGRESS_ENCRYPTED_DNS_ALLOWED;
	assert(read_rules(&names, 1, false) == 0);
	assert(!encrypted_dns_is_closed(&host, &policy));
	host.encrypted_dns = EGRESS_ENCRYPTED_DNS_DENIED;
	assert(encrypted_dns_is_closed(&host, NULL));
	assert(read_rules(&port, 1, false) == -EINVAL);
	assert(strstr(err.text, "rules[0].ports: 853") != NULL);
	host.encrypted_dns = EGRESS_ENCRYPTED_DNS_AUTO;
	host.n_resolvers = 0;
}

/* Where a name may lead is not where a prefix may be allowed. */
static void
test_public(void)
{
	struct prefix address;

	host.n_allowed_private = 1;
	assert(prefix_parse("10.99.0.0/16", &host.allowed_private[0]) == 0);
	assert(prefix_parse("10.99.0.1", &address) == 0);
	assert(always_refuses(&host, &address, false, -1) == NULL);
	assert(!always_is_public(&host, &address));
	host.n_allowed_private = 0;
	assert(prefix_parse("198.51.100.1", &address) == 0);
	assert(always_is_public(&host, &address));
	assert(prefix_parse("::ffff:198.51.100.1", &address) == 0);
	assert(!always_is_public(&host, &address));
}

/* Instances beside each other let go none of the other's packets. */
static void
test_mark(void)
{
	const struct egress_host one = {.table = "sandgate"};
	const struct egress_host other = {.table = "sandgate_other"};

	assert(egress_resolver_mark(&one) != 0);
	assert(egress_resolver_mark(&one) == egress_resolver_mark(&one));
	assert(egress_resolver_mark(&one) != egress_resolver_mark(&other));
}

static void
test_not_one(void)
{
	struct rpc_list rules = {rule_room, ROOM, 0, 0};
	struct rpc_bytes one = wrap(&rules, false);

	memcpy(policy_room + one.size, policy_room, one.size);
	one.size *= 2;
	assert(policy_read(one, false, &policy, &err) == -EINVAL);
	one.size--;
	assert(policy_read(one, false, &policy, &err) == -EINVAL);
}

static struct rpc_bytes
make(uint32_t is_allow, uint64_t connections, uint8_t *room)
{
	uint8_t inner[64];
	struct rpc_list list = {room, ROOM, 0, 0};
	struct rpc_list limits = {inner, sizeof inner, 0, 0};
	const struct rpc_egress_limit limit = {EGRESS_LIMIT_CONNECTIONS,
	    connections};
	struct rpc_egress_policy wire = {.is_allow = is_allow};

	if (connections != UINT64_MAX) {
		assert(rpc_list_add(&limits, &rpc_layout_egress_limit,
		    &limit) == 0);
		wire.limits = rpc_list_bytes(&limits);
	}
	assert(rpc_list_add(&list, &rpc_layout_egress_policy, &wire) == 0);
	return rpc_list_bytes(&list);
}

/* Whether a wish upon what was before is this; UINT64_MAX: no limits said. */
static void
merges(struct rpc_bytes wish, struct rpc_bytes base, bool is_allow,
    uint64_t connections)
{
	struct rpc_bytes merged;

	assert(policy_merge(wish, base, &merged, &err) == 0);
	assert(policy_read(merged, true, &policy, &err) == 0);
	assert(policy.is_allow == is_allow);
	assert(policy.limits.of[EGRESS_LIMIT_CONNECTIONS] == connections);
	free((void *)(uintptr_t)merged.data);
}

static void
test_merge(void)
{
	static uint8_t one[ROOM], other[ROOM];
	const struct rpc_bytes none = {0};
	const struct rpc_bytes rules = make(EGRESS_ALLOW, UINT64_MAX, one);
	struct rpc_bytes limits = make(EGRESS_UNSAID, 7, other);

	/* Without limits it is what it was before there were any. */
	assert(rules.size == 10);
	merges(none, none, false, 0);
	merges(rules, none, true, 0);
	merges(limits, none, false, 7);
	merges(rules, limits, true, 7);
	merges(limits, rules, true, 7);
	limits = make(EGRESS_UNSAID, 0, other);
	merges(limits, rules, true, 0);
	limits = make(EGRESS_UNSAID, 1000001, other);
	assert(policy_read(limits, false, &policy, &err) == -EINVAL);
	assert(strstr(err.text, "limits.connections: must be from 1") != NULL);
	/* Anything that is not whole, or said twice, is none. */
	other[limits.size - 1] = 1;
	limits.size--;
	assert(policy_read(limits, false, &policy, &err) == -EINVAL);
}

int
main(void)
{
	host.range.prefix = 16;
	host.range.base.s_addr = htonl(10u << 24 | 213u << 16);
	host.range.base6.s6_addr[0] = 0xfd;
	test_default();
	test_order();
	test_corners();
	test_refusals();
	test_let_be();
	test_merge();
	test_always();
	test_bounds();
	test_domains();
	test_names();
	test_public();
	test_mark();
	test_encrypted_dns();
	test_not_one();
	return 0;
}
