// SPDX-License-Identifier: Apache-2.0
/*
 * What sandboxd, the API and the command line agree on about a sandbox's
 * egress policy: its bounds, and what protocols are called. docs/EGRESS.md
 * explains the language.
 */
#pragma once

#include <stdint.h>

/* Of one policy, all its rules together but for the first. */
#define EGRESS_RULES_MAX 64
#define EGRESS_CIDRS_MAX 1024
#define EGRESS_PORTS_MAX 256 /* ranges */

#define EGRESS_NAME_SIZE 64

/* One on the wire, and in the registry: more than the bounds above need. */
#define EGRESS_POLICY_BYTES_MAX 40960

/* Bits of a rule; none stands for every protocol, these and all others. */
enum egress_protocol {
	EGRESS_TCP = 1 << 0,
	EGRESS_UDP = 1 << 1,
	EGRESS_ICMP = 1 << 2, /* of the address's family */
};

/* The bit of "tcp", "udp" or "icmp", or 0. */
uint32_t egress_protocol_parse(const char *name);

/* The name of one bit. */
const char *egress_protocol_name(uint32_t protocol);
