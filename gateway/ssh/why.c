// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/why.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gateway/ssh/news.h"

/* FNV-1a, of 64 bits: two destinations that share one are one too few. */
#define HASH_BEGIN 14695981039346656037ull
#define HASH_PRIME 1099511628211ull

/* What else refuses cannot be allowed by a rule. */
static bool
is_own_rule(const struct denial *denial)
{
	return denial->why[0] == '\0' && strcmp(denial->rule, "always") != 0 &&
	    strcmp(denial->rule, "limit") != 0;
}

/* "github.com:443", "[2001:db8::1]:443", "192.0.2.1 --protocol icmp" */
static void
format_wish(const struct denial *denial, char *ret, size_t size)
{
	const bool is_tcp = strcmp(denial->protocol, "tcp") == 0;
	const bool has_name = denial->name[0] != '\0';
	const char *to = has_name ? denial->name : denial->address;
	const bool is_ipv6 = strchr(to, ':') != NULL;
	char port[8] = "";

	if (denial_is_name(denial)) {
		snprintf(ret, size, "%s", denial->name);
		return;
	}
	if (denial->port != 0)
		snprintf(port, sizeof port, ":%u", denial->port & 0xffff);
	snprintf(ret, size, "%s%s%s%s%s%s",
	    is_ipv6 && denial->port != 0 ? "[" : "", to,
	    is_ipv6 && denial->port != 0 ? "]" : "", port,
	    is_tcp ? "" : " --protocol ", is_tcp ? "" : denial->protocol);
}

int
why_format(const char *sandbox_id, const char *cause,
    char ret[WHY_LINE_SIZE])
{
	struct denial denial;
	char wish[DENIAL_NAME_SIZE + 64];

	if (denial_parse(cause, &denial) < 0)
		return -EINVAL;
	format_wish(&denial, wish, sizeof wish);
	if (is_own_rule(&denial))
		snprintf(ret, WHY_LINE_SIZE, "blocked: %.319s; sandgate egress "
		    "allow %.31s %s", cause, sandbox_id, wish);
	else
		snprintf(ret, WHY_LINE_SIZE, "blocked: %.319s", cause);
	return 0;
}

/* Of where it went, whichever rule it was. */
static uint64_t
hash(const char *cause)
{
	const char *end = strstr(cause, " by rule ");
	uint64_t value = HASH_BEGIN;

	for (; *cause != '\0' && cause != end; cause++)
		value = (value ^ (unsigned char)*cause) * HASH_PRIME;
	return value;
}

static bool
is_said(struct why *why, uint64_t value)
{
	for (uint32_t i = 0; i < WHY_SAID_MAX && i < why->n_said; i++)
		if (why->said[i] == value)
			return true;
	why->said[why->n_said++ % WHY_SAID_MAX] = value;
	return false;
}

void
why_take(struct session *s, const struct init_event *event)
{
	char line[WHY_LINE_SIZE];

	if (why_format(s->login.sandbox_id, event->cause, line) == 0 &&
	    !is_said(&s->why, hash(event->cause)))
		news_say(s, "%s", line);
}
