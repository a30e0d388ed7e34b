// SPDX-License-Identifier: Apache-2.0
#include "common/conf.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"

struct reader {
	const struct conf_key *keys;
	size_t n_keys;
	const char *path;
	void *target;
	struct err *err;
	bool failed;
};

static int
set_number(const struct conf_key *key, const char *value, void *field,
    struct err *err)
{
	uint64_t number;
	int r;

	if (key->type == CONF_SIZE)
		r = parse_size(value, &number);
	else if (key->type == CONF_SECONDS)
		r = parse_seconds(value, &number);
	else
		r = parse_u64(value, &number);
	if (r < 0 || number < key->min || number > key->max)
		return err_set(err, EINVAL,
		    "%s: \"%s\" is not a number from %llu to %llu%s%s",
		    key->name, value, (unsigned long long)key->min,
		    (unsigned long long)key->max, *key->unit ? " " : "",
		    key->unit);
	memcpy(field, &number, sizeof number);
	return 0;
}

static int
set_bool(const struct conf_key *key, const char *value, bool *field,
    struct err *err)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return err_set(err, EINVAL, "%s: \"%s\" is not yes or no",
		    key->name, value);
	*field = value[0] == 'y';
	return 0;
}

static int
set_value(const struct conf_key *key, const char *value, void *target,
    struct err *err)
{
	char *field = (char *)target + key->offset;

	switch (key->type) {
	case CONF_STRING:
		if (strlen(value) >= CONF_STRING_SIZE)
			return err_set(err, EINVAL,
			    "%s: longer than %d characters", key->name,
			    CONF_STRING_SIZE - 1);
		snprintf(field, CONF_STRING_SIZE, "%s", value);
		return 0;
	case CONF_BOOL:
		return set_bool(key, value, (bool *)field, err);
	case CONF_U64:
	case CONF_SIZE:
	case CONF_SECONDS:
		return set_number(key, value, field, err);
	}
	return err_set(err, EINVAL, "%s: unknown type", key->name);
}

/* inih's handler: 1 goes on, 0 stops at this line. */
static int
read_line(void *user, const char *section, const char *name, const char *value)
{
	struct reader *reader = user;
	bool section_is_ours = false;

	for (size_t i = 0; i < reader->n_keys; i++) {
		const struct conf_key *key = &reader->keys[i];

		if (strcmp(key->section, section) != 0)
			continue;
		section_is_ours = true;
		if (strcmp(key->name, name) != 0)
			continue;
		if (set_value(key, value, reader->target, reader->err) == 0)
			return 1;
		reader->failed = true;
		return 0;
	}
	if (!section_is_ours)
		return 1;
	err_set(reader->err, EINVAL, "%s: no such key in [%s]", name, section);
	reader->failed = true;
	return 0;
}

/*
 * inih reads lines into INI_MAX_LINE bytes and takes the rest of a longer one
 * for the next line: a value would be cut in silence, a long comment end in
 * the middle and set something.
 */
static int
check_line_lengths(const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");
	char line[INI_MAX_LINE];
	int number = 0;

	if (file == NULL)
		return err_errno(err, "%s", path);
	while (fgets(line, sizeof line, file) != NULL) {
		size_t size = strlen(line);

		number++;
		if (size < sizeof line - 1 || line[size - 1] == '\n')
			continue;
		fclose(file);
		return err_set(err, EINVAL,
		    "%s:%d: longer than %d characters", path, number,
		    INI_MAX_LINE - 2);
	}
	fclose(file);
	return 0;
}

int
conf_read(const struct conf_key *keys, size_t n_keys, const char *path,
    void *ret, struct err *err)
{
	struct reader reader = {keys, n_keys, path, ret, err, false};
	int line, r;

	for (size_t i = 0; i < n_keys; i++) {
		r = set_value(&keys[i], keys[i].initial, ret, err);
		if (r < 0)
			return err_wrap(err, "default of [%s]",
			    keys[i].section);
	}
	if (path == NULL)
		return 0;
	if ((r = check_line_lengths(path, err)) < 0)
		return r;
	errno = 0;
	line = ini_parse(path, read_line, &reader);
	if (line < 0)
		return err_errno(err, "%s", path);
	if (reader.failed)
		return err_wrap(err, "%s:%d", path, line);
	if (line > 0)
		return err_set(err, EINVAL, "%s:%d: not \"key = value\"", path,
		    line);
	return 0;
}
