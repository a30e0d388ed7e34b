// SPDX-License-Identifier: Apache-2.0
#include "common/denial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"

#define BY " by rule \""

_Static_assert(EVENT_CAUSE_SIZE > DENIAL_PROTOCOL_SIZE + DENIAL_ADDRESS_SIZE +
    DENIAL_NAME_SIZE + EGRESS_NAME_SIZE + DENIAL_WHY_SIZE +
    sizeof " []:65535 ()" BY "\": ", "a cause holds any");

bool
denial_is_name(const struct denial *denial)
{
	return strcmp(denial->protocol, DENIAL_NAME) == 0;
}

void
denial_format(const struct denial *denial, char ret[EVENT_CAUSE_SIZE])
{
	const bool is_ipv6 = strchr(denial->address, ':') != NULL;
	const bool is_name = denial_is_name(denial);
	const bool has_name = denial->name[0] != '\0' && !is_name;
	char port[8] = "";

	if (denial->port != 0)
		(void)snprintf(port, sizeof port, ":%u", denial->port & 0xffff);
	(void)snprintf(ret, EVENT_CAUSE_SIZE, "%s %s%s%s%s%s%s%s" BY "%s\"%s%s",
	    denial->protocol, is_ipv6 ? "[" : "", denial->address,
	    is_ipv6 ? "]" : "", port, has_name ? " (" : "", denial->name,
	    has_name ? ")" : "", denial->rule,
	    denial->why[0] != '\0' ? ": " : "", denial->why);
}

/* Takes what is before `end` (of `skip` bytes) off the text. */
static int
take(const char **text, const char *end, size_t skip, char *ret, size_t size)
{
	const size_t n = end != NULL ? (size_t)(end - *text) : size;

	if (n >= size)
		return -EINVAL;
	memcpy(ret, *text, n);
	ret[n] = '\0';
	*text = end + skip;
	return 0;
}

static int
parse_port(const char *text, uint32_t *ret)
{
	uint64_t port;

	if (*text == '\0')
		return 0;
	if (*text != ':' || parse_u64(text + 1, &port) < 0 ||
	    port > UINT16_MAX)
		return -EINVAL;
	*ret = (uint32_t)port;
	return 0;
}

/* "[2001:db8::1]:443", "192.0.2.1". */
static int
parse_to(const char *text, struct denial *ret)
{
	const bool is_ipv6 = *text == '[';
	const char *end = is_ipv6 ? strchr(text, ']') :
	    text + strcspn(text, ":");

	text += is_ipv6;
	if (end == NULL || take(&text, end, is_ipv6, ret->address,
	    sizeof ret->address) < 0)
		return -EINVAL;
	return parse_port(text, &ret->port);
}

int
denial_parse(const char *text, struct denial *ret)
{
	char to[DENIAL_ADDRESS_SIZE + 8];
	const char *by = strstr(text, BY), *name, *end;

	memset(ret, 0, sizeof *ret);
	if (by == NULL || take(&text, strchr(text, ' '), 1, ret->protocol,
	    sizeof ret->protocol) < 0 || text > by)
		return -EINVAL;
	name = strstr(text, " (");
	if (denial_is_name(ret)) {
		if (take(&text, by, 0, ret->name, sizeof ret->name) < 0)
			return -EINVAL;
	} else if (name != NULL && name < by) {
		if (by[-1] != ')' || take(&text, name, 2, to, sizeof to) < 0 ||
		    take(&text, by - 1, 1, ret->name, sizeof ret->name) < 0)
			return -EINVAL;
	} else if (take(&text, by, 0, to, sizeof to) < 0) {
		return -EINVAL;
	}
	text = by + strlen(BY);
	/* A rule's own name may have anything in it; a reason has no quote. */
	end = strrchr(text, '"');
	if (take(&text, end, 1, ret->rule, sizeof ret->rule) < 0)
		return -EINVAL;
	if (strncmp(text, ": ", 2) == 0)
		(void)snprintf(ret->why, sizeof ret->why, "%s", text + 2);
	else if (*text != '\0')
		return -EINVAL;
	return denial_is_name(ret) ? 0 : parse_to(to, ret);
}
