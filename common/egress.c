// SPDX-License-Identifier: Apache-2.0
#include "common/egress.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

const struct egress_limit_row egress_limit_rows[N_EGRESS_LIMIT] = {
#define EGRESS_LIMIT(NAME, field, word, kind, min, max, unit, text)            \
	{#field, word, unit, min, max},
#include "common/egress_limit.def"
};

static const struct {
	const char *name;
	uint32_t protocol;
} protocols[] = {
    {"tcp", EGRESS_TCP}, {"udp", EGRESS_UDP}, {"icmp", EGRESS_ICMP},
    {"tls", EGRESS_TLS}, {"http", EGRESS_HTTP}};
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

/* The length of a label that may be one of a host's name, or 0. */
static size_t
label_length(const char *text)
{
	size_t n = 0;

	while (isalnum((unsigned char)text[n]) || text[n] == '-' ||
	    text[n] == '_')
		n++;
	return n <= EGRESS_LABEL_MAX ? n : 0;
}

/* The last label of a name is no number, or it would be an address. */
static bool
is_address(const char *name)
{
	const char *dot = strrchr(name, '.');
	const char *last = dot != NULL ? dot + 1 : name;

	return strspn(last, "0123456789") == strlen(last);
}

const char *
egress_domain_read(const char *text, char ret[EGRESS_DOMAIN_SIZE])
{
	const char *label = strncmp(text, "*.", 2) == 0 ? text + 2 : text;
	size_t length = strlen(text), n;

	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80)
			return "in ASCII: give a name's xn-- form";
	if (length > 0 && text[length - 1] == '.')
		length--;
	if (length == 0 || length >= EGRESS_DOMAIN_SIZE)
		return "a name of at most 253 characters";
	for (; (n = label_length(label)) > 0; label += n + 1)
		if (label[n] != '.' || label + n + 1 == text + length + 1)
			break;
	if (n == 0 || label + n != text + length)
		return "a name, or *. and a name: letters, digits, - and _ "
		       "between dots, at most 63 of them";
	for (size_t i = 0; i < length; i++)
		ret[i] = (char)tolower((unsigned char)text[i]);
	ret[length] = '\0';
	return is_address(ret) ? "a name: an address belongs into cidrs" :
	    NULL;
}

bool
egress_domain_covers(const char *domain, const char *name)
{
	const size_t name_length = strlen(name);
	size_t below;

	if (strncmp(domain, "*.", 2) != 0)
		return strcmp(domain, name) == 0;
	/* With its dot, so that the part before it ends a label. */
	below = strlen(domain) - 1;
	if (name_length <= below ||
	    strcmp(name + name_length - below, domain + 1) != 0)
		return false;
	return name_length - below <= EGRESS_WILD_BYTES_MAX;
}

bool
egress_is_encrypted_dns(const char *name)
{
	static const char *const names[] = {
#define ENCRYPTED_DNS_NAME(name) name,
#include "common/encrypted_dns.def"
	};
	const size_t length = strlen(name);

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const size_t size = strlen(names[i]);

		if (length >= size &&
		    strcmp(name + length - size, names[i]) == 0 &&
		    (length == size || name[length - size - 1] == '.'))
			return true;
	}
	return false;
}
