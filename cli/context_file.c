// SPDX-License-Identifier: Apache-2.0
#include "cli/context_file.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/parse.h"

#define LINE_SIZE 200

static const struct field {
	const char *name;
	size_t offset;
} fields[] = {
    {"api", offsetof(struct context, api)},
    {"socket", offsetof(struct context, socket)},
    {"token", offsetof(struct context, token)},
    {"org", offsetof(struct context, org)},
    {"user", offsetof(struct context, user)},
};
#define N_FIELDS (sizeof fields / sizeof *fields)

struct reader {
	struct context_file *file;
	struct err *err;
	bool failed;
};

static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

static int
find_path(char ret[PATH_MAX], struct err *err)
{
	const char *own = environment("SANDGATE_CONFIG");
	const char *below = environment("XDG_CONFIG_HOME");
	const char *home = environment("HOME");
	int n = 0;

	*ret = '\0';
	if (own != NULL)
		n = snprintf(ret, PATH_MAX, "%s", own);
	else if (below != NULL)
		n = snprintf(ret, PATH_MAX, "%s/sandgate/config.ini", below);
	else if (home != NULL)
		n = snprintf(ret, PATH_MAX, "%s/.config/sandgate/config.ini",
		    home);
	return n < PATH_MAX ? 0 :
	    err_set(err, ENAMETOOLONG, "the path of config.ini is too long");
}

struct context *
context_file_find(struct context_file *file, const char *name)
{
	for (size_t i = 0; i < file->n; i++)
		if (strcmp(file->contexts[i].name, name) == 0)
			return &file->contexts[i];
	return NULL;
}

int
context_set(char value[CONTEXT_VALUE_SIZE], const char *field,
    const char *text, struct err *err)
{
	if (text == NULL)
		return 0;
	for (const char *p = text; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || *p == ';' || *p == '"')
			return err_set(err, EINVAL, "%s: a blank, or another "
			    "character that config.ini cannot have", field);
	if (strlen(text) >= CONTEXT_VALUE_SIZE)
		return err_set(err, EINVAL, "%s: longer than %d characters",
		    field, CONTEXT_VALUE_SIZE - 1);
	snprintf(value, CONTEXT_VALUE_SIZE, "%s", text);
	return 0;
}

static struct context *
find_or_add(struct reader *reader, const char *name)
{
	struct context *context = context_file_find(reader->file, name);

	if (context != NULL)
		return context;
	if (!name_is_valid(name) || reader->file->n == CONTEXTS_MAX) {
		err_set(reader->err, EINVAL, "[%.60s]: not a name of a-z 0-9 "
		    "_ . -, or one of more than %d", name, CONTEXTS_MAX);
		return NULL;
	}
	context = &reader->file->contexts[reader->file->n++];
	snprintf(context->name, sizeof context->name, "%s", name);
	return context;
}

/* inih's: 1 where it goes well. */
static int
on_value(void *arg, const char *section, const char *name, const char *value)
{
	struct reader *reader = arg;
	struct context *context;

	if (*section == '\0' && strcmp(name, "current") == 0) {
		snprintf(reader->file->current, sizeof reader->file->current,
		    "%.63s", value);
		return 1;
	}
	reader->failed = true;
	if ((context = find_or_add(reader, section)) == NULL)
		return 0;
	for (size_t i = 0; i < N_FIELDS; i++)
		if (strcmp(fields[i].name, name) == 0) {
			reader->failed = context_set((char *)context +
			    fields[i].offset, name, value, reader->err) < 0;
			return !reader->failed;
		}
	err_set(reader->err, EINVAL, "[%s]: no such key: %.60s", section,
	    name);
	return 0;
}

/* A line that inih would take for two is none: it ends the file. */
static char *
read_line(char *line, int size, void *arg)
{
	FILE *file = arg;

	if (fgets(line, size, file) == NULL)
		return NULL;
	if (strchr(line, '\n') == NULL && !feof(file))
		snprintf(line, (size_t)size, "too long\n");
	return line;
}

/* It has what others must not. */
static int
check_owner(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, "%s", path);
	if (st.st_uid != geteuid() && geteuid() != 0)
		return err_set(err, EPERM, "%s: is another user's", path);
	if ((st.st_mode & 077) != 0)
		return err_set(err, EPERM, "%s: others may read or write it; "
		    "chmod 600 it", path);
	return 0;
}

int
context_file_read(struct context_file *ret, struct err *err)
{
	struct reader reader = {.file = ret, .err = err};
	FILE *file;
	int r, line;

	memset(ret, 0, sizeof *ret);
	if ((r = find_path(ret->path, err)) < 0 || *ret->path == '\0')
		return r;
	if ((file = fopen(ret->path, "re")) == NULL)
		return errno == ENOENT || errno == ENOTDIR ? 0 :
		    err_errno(err, "%s", ret->path);
	r = check_owner(fileno(file), ret->path, err);
	line = r < 0 ? 0 : ini_parse_stream(read_line, file, on_value,
	    &reader);
	fclose(file);
	if (reader.failed)
		return err_wrap(err, "%s:%d", ret->path, line);
	if (line != 0)
		return err_set(err, EINVAL, "%s:%d: not \"key = value\"",
		    ret->path, line);
	return r;
}

static int
print(const struct context_file *file, FILE *stream)
{
	fprintf(stream, "; sandgate context keeps this; see sandgate(1)\n");
	if (*file->current != '\0')
		fprintf(stream, "current = %s\n", file->current);
	for (size_t i = 0; i < file->n; i++) {
		const struct context *context = &file->contexts[i];

		fprintf(stream, "\n[%s]\n", context->name);
		for (size_t j = 0; j < N_FIELDS; j++) {
			const char *value = (const char *)context +
			    fields[j].offset;

			if (*value != '\0')
				fprintf(stream, "%s = %s\n", fields[j].name,
				    value);
		}
	}
	return fflush(stream) == 0 && fsync(fileno(stream)) == 0 ? 0 : -1;
}

/* All that leads to it. */
static int
make_folders(const char *path, struct err *err)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof folder, "%s", path);
	for (char *p = strchr(folder + 1, '/'); p != NULL;
	    p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(folder, 0700) < 0 && errno != EEXIST)
			return err_errno(err, "%s", folder);
		*p = '/';
	}
	return 0;
}

int
context_file_write(const struct context_file *file, struct err *err)
{
	char path[PATH_MAX + 8];
	FILE *stream;
	int fd, r;

	if (*file->path == '\0')
		return err_set(err, ENOENT, "neither SANDGATE_CONFIG nor HOME "
		    "says where config.ini is");
	if ((r = make_folders(file->path, err)) < 0)
		return r;
	snprintf(path, sizeof path, "%s.XXXXXX", file->path);
	/* Its mode is 0600. */
	if ((fd = mkostemp(path, O_CLOEXEC)) < 0)
		return err_errno(err, "%s", path);
	if ((stream = fdopen(fd, "w")) == NULL) {
		err_errno(err, "%s", path);
		fd_close(&fd);
		(void)unlink(path);
		return -err->code;
	}
	r = print(file, stream) < 0 ? err_errno(err, "%s", path) : 0;
	if (fclose(stream) != 0 && r == 0)
		r = err_errno(err, "%s", path);
	if (r == 0 && rename(path, file->path) < 0)
		r = err_errno(err, "%s", file->path);
	if (r < 0)
		(void)unlink(path);
	return r;
}
