// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/scp/record.h"

#include <string.h>

/* Decimal digits up to INT64_MAX; NULL where there are none, or too many. */
static const char *
parse_number(const char *p, uint64_t *ret)
{
	const char *start = p;
	uint64_t value = 0;

	for (; *p >= '0' && *p <= '9'; p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (value > (INT64_MAX - digit) / 10)
			return NULL;
		value = value * 10 + digit;
	}
	*ret = value;
	return p == start ? NULL : p;
}

static const char *
parse_times(const char *p, struct scp_record *ret)
{
	uint64_t value[4];

	for (int i = 0; i < 4; i++) {
		p = parse_number(p, &value[i]);
		if (p == NULL || *p != (i < 3 ? ' ' : '\0'))
			return i < 2 ? "mtime not delimited" :
			    "atime not delimited";
		p += i < 3;
	}
	ret->modified_s = (int64_t)value[0];
	ret->accessed_s = (int64_t)value[2];
	return NULL;
}

static const char *
parse_entry(const char *p, struct scp_record *ret)
{
	for (int i = 0; i < 4; i++, p++) {
		if (*p < '0' || *p > '7')
			return "bad mode";
		ret->mode = ret->mode << 3 | (mode_t)(*p - '0');
	}
	if (*p++ != ' ')
		return "mode not delimited";
	p = parse_number(p, &ret->size);
	if (p == NULL)
		return "size not present or out of range";
	if (*p++ != ' ')
		return "size not delimited";
	if (*p == '\0' || strchr(p, '/') != NULL || strcmp(p, ".") == 0 ||
	    strcmp(p, "..") == 0)
		return "unexpected filename";
	ret->name = p;
	return NULL;
}

const char *
scp_record_parse(const char *line, struct scp_record *ret)
{
	memset(ret, 0, sizeof *ret);
	switch (line[0]) {
	case '\1':
	case '\2':
		ret->type = line[0] == '\1' ? SCP_WARNING : SCP_FATAL;
		ret->name = line + 1;
		return NULL;
	case 'E':
		ret->type = SCP_END;
		return NULL;
	case 'T':
		ret->type = SCP_TIMES;
		return parse_times(line + 1, ret);
	case 'C':
	case 'D':
		ret->type = line[0] == 'C' ? SCP_FILE : SCP_DIRECTORY;
		return parse_entry(line + 1, ret);
	case '\0':
		return "unexpected <newline>";
	default:
		return "expected control record";
	}
}
