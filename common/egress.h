// SPDX-License-Identifier: Apache-2.0
/*
 * What sandboxd, the API and the command line agree on about a sandbox's
 * egress policy: its bounds, and what protocols are called. docs/EGRESS.md
 * explains the language.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Of one policy, all its rules together but for the first. */
#define EGRESS_RULES_MAX 64
#define EGRESS_CIDRS_MAX 1024
#define EGRESS_PORTS_MAX 256 /* ranges */
#define EGRESS_DOMAINS_MAX 128

#define EGRESS_NAME_SIZE 64

/* A name of the DNS as text, terminated: RFC 1035 section 2.3.4. */
#define EGRESS_DOMAIN_SIZE 254
#define EGRESS_LABEL_MAX   63

/* What the star of "*.example.com" stands for: a name of the host's has fewer,
 * and what is smuggled out in names is longer. */
#define EGRESS_WILD_BYTES_MAX 80

/* One on the wire, and in the registry: more than the bounds above need. */
#define EGRESS_POLICY_BYTES_MAX 40960

/* What is_allow of a policy on the wire says. */
enum egress_default {
	EGRESS_DENY,
	EGRESS_ALLOW,
	/* Neither: rules and default are as they are, or the host's; limits
	 * alone are meant. */
	EGRESS_UNSAID,
};

/* How much and how many; 0 = no limit. */
enum egress_limit {
#define EGRESS_LIMIT(NAME, ...) EGRESS_LIMIT_##NAME,
#include "common/egress_limit.def"
	N_EGRESS_LIMIT
};

/* Added to a limit on the wire: of all sandboxes of the organisation together,
 * where 0 is none. */
#define EGRESS_TOTAL 0x100u

struct egress_limits {
	uint64_t of[N_EGRESS_LIMIT];
};

/* What a limit is called, and the least and the most that it may be. */
struct egress_limit_row {
	const char *name; /* "out_bytes_per_second" */
	const char *word; /* of the command line: "out" */
	const char *unit; /* "bytes a second" */
	uint64_t min, max;
};
extern const struct egress_limit_row egress_limit_rows[N_EGRESS_LIMIT];

/* Bits of a rule; none stands for every protocol, these and all others. */
enum egress_protocol {
	EGRESS_TCP = 1 << 0,
	EGRESS_UDP = 1 << 1,
	EGRESS_ICMP = 1 << 2, /* of the address's family */
	/* Of TCP, with a name in its first bytes that is one of the rule's. */
	EGRESS_TLS = 1 << 3,
	EGRESS_HTTP = 1 << 4,
};
/* Beside them, how a dialect that says more in one rule had written it, so that
 * it is told as it was: they change nothing of what a rule means. */
enum egress_shape {
	EGRESS_SAME = 1 << 30,	  /* one with the rule before it */
	EGRESS_LISTED = 1 << 29, /* as one of its lists */
};
#define EGRESS_SHAPES  (EGRESS_SAME | EGRESS_LISTED)
#define EGRESS_PACKETS (EGRESS_TCP | EGRESS_UDP | EGRESS_ICMP)
#define EGRESS_LOOKED  (EGRESS_TLS | EGRESS_HTTP)

/* Where in a sandbox connections are accepted whose first bytes are looked at,
 * at 127.0.0.1 and ::1: above what the kernel gives to those that ask for no
 * port. */
#define EGRESS_LOOK_PORT 61853

/* The bit of "tcp", "udp", "icmp", "tls" or "http", or 0. */
uint32_t egress_protocol_parse(const char *name);

/*
 * Reads a domain of a rule, "github.com" or "*.github.com", into the form that
 * all compare: lower case, without the dot at its end. NULL, or static words of
 * what it should be.
 */
const char *egress_domain_read(const char *text,
    char ret[EGRESS_DOMAIN_SIZE]);

/*
 * Whether a domain as egress_domain_read has it is, or covers, a name in that
 * form: "*.x" covers what is below x, to any depth, and not x itself. What the
 * star stands for is at most EGRESS_WILD_BYTES_MAX long.
 */
bool egress_domain_covers(const char *domain, const char *name);

/* Whether DNS over HTTPS is known to be served by a name in that form, or by
 * what a domain "*.x" is below (common/encrypted_dns.def). */
bool egress_is_encrypted_dns(const char *name);

/* The name of one bit. */
const char *egress_protocol_name(uint32_t protocol);
