// SPDX-License-Identifier: Apache-2.0
#include "common/parse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SANDBOX_ID_SUFFIX_MIN 12
#define NAME_LENGTH_MAX	      63

struct unit {
	char letter;
	uint64_t factor;
};

/* Digits up to *ret_end. */
static int
parse_digits(const char *text, const char **ret_end, uint64_t *ret)
{
	uint64_t value = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(value, 10u, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return -EINVAL;
	if (p == text)
		return -EINVAL;
	*ret_end = p;
	*ret = value;
	return 0;
}

int
parse_u64(const char *text, uint64_t *ret)
{
	const char *end;
	uint64_t value;

	if (parse_digits(text, &end, &value) < 0 || *end != '\0')
		return -EINVAL;
	*ret = value;
	return 0;
}

static int
parse_with_unit(const char *text, const struct unit *units, uint64_t *ret)
{
	const char *end;
	uint64_t value;

	if (parse_digits(text, &end, &value) < 0)
		return -EINVAL;
	if (*end == '\0') {
		*ret = value;
		return 0;
	}
	for (; units->letter != '\0'; units++)
		if (*end == units->letter && end[1] == '\0') {
			if (__builtin_mul_overflow(value, units->factor,
			    &value))
				return -EINVAL;
			*ret = value;
			return 0;
		}
	return -EINVAL;
}

int
parse_size(const char *text, uint64_t *ret_bytes)
{
	static const struct unit units[] = {{'K', 1ull << 10},
	    {'M', 1ull << 20}, {'G', 1ull << 30}, {'T', 1ull << 40}, {0, 0}};

	return parse_with_unit(text, units, ret_bytes);
}

int
parse_seconds(const char *text, uint64_t *ret_seconds)
{
	static const struct unit units[] = {{'s', 1}, {'m', 60}, {'h', 3600},
	    {'d', 86400}, {0, 0}};

	return parse_with_unit(text, units, ret_seconds);
}

static bool
is_id(const char *text, const char prefix[4])
{
	size_t n;

	if (strncmp(text, prefix, 3) != 0)
		return false;
	n = strspn(text + 3, SANDBOX_ID_ALPHABET);
	return text[3 + n] == '\0' && n >= SANDBOX_ID_SUFFIX_MIN &&
	    3 + n < SANDBOX_ID_SIZE;
}

bool
sandbox_id_is_valid(const char *text)
{
	return is_id(text, "sb_");
}

void
sandbox_id_respell(char *text)
{
	if (is_id(text, "sb-"))
		text[2] = '_';
}

void
sandbox_id_spell(const char *id, char ret[SANDBOX_ID_SIZE])
{
	snprintf(ret, SANDBOX_ID_SIZE, "sb-%s", id + 3);
}

bool
snapshot_id_is_valid(const char *text)
{
	return is_id(text, "sn_");
}

bool
variable_name_is_valid(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz_0123456789";

	return *name != '\0' && (*name < '0' || *name > '9') &&
	    name[strspn(name, allowed)] == '\0';
}

bool
name_is_valid(const char *text)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	static const char rest[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";

	return *text != '\0' && strchr(first, *text) != NULL &&
	    text[strspn(text, rest)] == '\0' && strlen(text) <= NAME_LENGTH_MAX;
}
