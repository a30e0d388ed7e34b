// SPDX-License-Identifier: Apache-2.0
#include "common/prefix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/conf.h"
#include "common/parse.h"

int
prefix_parse(const char *text, struct prefix *ret)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t n = slash != NULL ? (size_t)(slash - text) : strlen(text);
	uint64_t length;

	if (n >= sizeof address)
		return -EINVAL;
	memset(ret, 0, sizeof *ret);
	memcpy(address, text, n);
	address[n] = '\0';
	if (inet_pton(AF_INET, address, ret->address) == 1)
		ret->family = AF_INET;
	else if (inet_pton(AF_INET6, address, ret->address) == 1)
		ret->family = AF_INET6;
	else
		return -EINVAL;
	length = ret->family == AF_INET ? 32 : 128;
	if (slash != NULL) {
		uint64_t max = length;

		if (parse_u64(slash + 1, &length) < 0 || length > max)
			return -EINVAL;
	}
	ret->length = (unsigned)length;
	return 0;
}

int
prefix_parse_list(const char *key, const char *words, struct prefix *ret,
    size_t max, size_t *ret_n, struct err *err)
{
	char copy[CONF_STRING_SIZE], *rest = copy, *word;
	size_t n = 0;

	snprintf(copy, sizeof copy, "%s", words);
	while ((word = strsep(&rest, " \t")) != NULL) {
		if (*word == '\0')
			continue;
		if (n == max)
			return err_set(err, EINVAL, "%s: more than %zu", key,
			    max);
		if (prefix_parse(word, &ret[n]) < 0)
			return err_set(err, EINVAL,
			    "%s: \"%s\" is not an address or prefix", key,
			    word);
		n++;
	}
	*ret_n = n;
	return 0;
}

/* Whether two addresses are the same in the first `length` bits. */
static bool
begins_alike(const unsigned char *a, const unsigned char *b, unsigned length)
{
	unsigned char mask = (unsigned char)(0xff00 >> length % 8);

	return memcmp(a, b, length / 8) == 0 && (length % 8 == 0 ||
	    ((a[length / 8] ^ b[length / 8]) & mask) == 0);
}

bool
prefix_has(const struct prefix *prefix, const struct prefix *address)
{
	return prefix->family == address->family &&
	    prefix->length <= address->length &&
	    begins_alike(prefix->address, address->address, prefix->length);
}

bool
prefix_has_host_bits(const struct prefix *prefix)
{
	unsigned max = prefix->family == AF_INET ? 32 : 128;

	for (unsigned bit = prefix->length; bit < max; bit++)
		if (prefix->address[bit / 8] & (0x80 >> bit % 8))
			return true;
	return false;
}

void
prefix_format(const struct prefix *prefix, char ret[PREFIX_TEXT_SIZE])
{
	char address[INET6_ADDRSTRLEN] = "";

	inet_ntop(prefix->family, prefix->address, address, sizeof address);
	if (prefix->length == (prefix->family == AF_INET ? 32 : 128))
		snprintf(ret, PREFIX_TEXT_SIZE, "%s", address);
	else
		snprintf(ret, PREFIX_TEXT_SIZE, "%s/%u", address,
		    prefix->length);
}
