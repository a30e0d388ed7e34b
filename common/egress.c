// SPDX-License-Identifier: Apache-2.0
#include "common/egress.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	uint32_t protocol;
} protocols[] = {
    {"tcp", EGRESS_TCP}, {"udp", EGRESS_UDP}, {"icmp", EGRESS_ICMP}};
#define N_PROTOCOLS (sizeof protocols / sizeof *protocols)

uint32_t
egress_protocol_parse(const char *name)
{
	for (size_t i = 0; i < N_PROTOCOLS; i++)
		if (strcmp(protocols[i].name, name) == 0)
			return protocols[i].protocol;
	return 0;
}

const char *
egress_protocol_name(uint32_t protocol)
{
	for (size_t i = 0; i < N_PROTOCOLS; i++)
		if (protocols[i].protocol == protocol)
			return protocols[i].name;
	return "";
}
