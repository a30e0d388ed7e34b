// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/files/search.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/rpc_calls.h"
#include "sandboxd/init/files/walk.h"

#define SECONDS_MAX 50 /* of the clock; and of the processor, to the kill */
#define MEMORY_MAX  ((rlim_t)256 << 20) /* what an expression may take */
#define LINE_MAX_BYTES 65536 /* of a longer one this much is looked at */
#define SHOWN_MAX	    1024
/* Lines between two looks at the clock. */
#define LINES_A_LOOK 4096

struct hunt {
	const struct search *search;
	regex_t regex;
	bool has_regex;
	size_t text_size;
	uint32_t n;
	uint64_t lines;
	time_t end;
	/* A line and what was read behind it. */
	char *buffer;
};

static int
look_at_clock(const struct hunt *hunt, struct err *err)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec < hunt->end ? 0 : err_set(err, ETIME,
	    "a search may take %d seconds", SECONDS_MAX);
}

static int
found(struct hunt *hunt, const struct walk_entry *entry, uint64_t line,
    const char *text, size_t size, struct err *err)
{
	const struct search *search = hunt->search;
	int r;

	if (hunt->n == search->limit)
		return err_set(err, E2BIG, "limit: there are more than %u",
		    search->limit);
	hunt->n++;
	r = search->tell(search->arg, entry->path, entry->st->st_mode, line,
	    text, size < SHOWN_MAX ? size : SHOWN_MAX);
	return r < 0 ? err_set(err, -r, "%s", strerror(-r)) : 0;
}

static bool
has_text_ignoring_case(const struct hunt *hunt, const char *line, size_t size)
{
	for (size_t i = 0; i + hunt->text_size <= size; i++)
		if (strncasecmp(line + i, hunt->search->text,
		    hunt->text_size) == 0)
			return true;
	return false;
}

static bool
has_text(const struct hunt *hunt, const char *line, size_t size)
{
	regmatch_t whole = {0, (regoff_t)size};

	if (hunt->has_regex)
		return regexec(&hunt->regex, line, 1, &whole,
		    REG_STARTEND) == 0;
	if ((hunt->search->flags & INSIDE_SEARCH_ANY_CASE) != 0)
		return has_text_ignoring_case(hunt, line, size);
	return memmem(line, size, hunt->search->text, hunt->text_size) !=
	    NULL;
}

/* What is being read of one file. */
struct text {
	int fd;
	size_t start, end; /* of what is in the buffer */
	bool is_over;
};

/* More of it behind what there is, or the end; 0 or -errno. */
static int
read_more(struct hunt *hunt, struct text *text)
{
	ssize_t n;

	memmove(hunt->buffer, hunt->buffer + text->start,
	    text->end - text->start);
	text->end -= text->start;
	text->start = 0;
	n = read(text->fd, hunt->buffer + text->end,
	    LINE_MAX_BYTES - text->end);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	text->is_over = n == 0;
	text->end += (size_t)n;
	return 0;
}

/*
 * The next line, without its end: its bytes, or of one that is too long the
 * first of them. False: there is none.
 */
static bool
next_line(struct hunt *hunt, struct text *text, const char **ret, size_t *size,
    bool *is_rest)
{
	const char *end;

	for (;;) {
		end = memchr(hunt->buffer + text->start, '\n',
		    text->end - text->start);
		if (end != NULL || text->is_over ||
		    text->end - text->start == LINE_MAX_BYTES)
			break;
		if (read_more(hunt, text) < 0)
			return false;
	}
	*ret = hunt->buffer + text->start;
	*size = end != NULL ? (size_t)(end - *ret) : text->end - text->start;
	if (*size == 0 && end == NULL)
		return false;
	text->start += *size + (end != NULL);
	*is_rest = end == NULL;
	return true;
}

static int
look_through(struct hunt *hunt, const struct walk_entry *entry,
    struct text *text, struct err *err)
{
	bool is_rest = false, was_rest = false;
	uint64_t number = 1;
	const char *line;
	size_t size;
	int r = read_more(hunt, text) < 0 || memchr(hunt->buffer, '\0',
	    text->end) != NULL;

	if (r != 0) /* it cannot be read, or is no text */
		return 0;
	while (r == 0 && next_line(hunt, text, &line, &size, &is_rest)) {
		if (hunt->lines++ % LINES_A_LOOK == 0)
			r = look_at_clock(hunt, err);
		if (r == 0 && !was_rest && has_text(hunt, line, size))
			r = found(hunt, entry, number, line, size, err);
		number += !is_rest;
		was_rest = is_rest;
	}
	return r;
}

static bool
is_called_so(const struct search *search, const struct walk_entry *entry)
{
	int flags = (search->flags & INSIDE_SEARCH_ANY_CASE) != 0 ?
	    FNM_CASEFOLD : 0;

	return search->name[0] == '\0' || fnmatch(search->name,
	    strchr(search->name, '/') != NULL ? entry->path : entry->name,
	    flags) == 0;
}

static int
visit(void *arg, const struct walk_entry *entry, struct err *err)
{
	struct hunt *hunt = arg;
	struct text text = {.fd = -1};
	int r = look_at_clock(hunt, err);

	if (r < 0 || !is_called_so(hunt->search, entry))
		return r;
	if (hunt->search->text[0] == '\0')
		return found(hunt, entry, 0, NULL, 0, err);
	if (!S_ISREG(entry->st->st_mode))
		return 0;
	text.fd = openat(entry->folder_fd, entry->name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (text.fd < 0)
		return 0;
	r = look_through(hunt, entry, &text, err);
	fd_close(&text.fd);
	return r;
}

static int
prepare(struct hunt *hunt, struct err *err)
{
	const struct search *search = hunt->search;
	const struct rlimit memory = {MEMORY_MAX, MEMORY_MAX};
	const struct rlimit time = {SECONDS_MAX, SECONDS_MAX};
	struct timespec now;
	char words[128];
	int code;

	/* An expression can be made that takes any of both. */
	(void)setrlimit(RLIMIT_AS, &memory);
	(void)setrlimit(RLIMIT_CPU, &time);
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	hunt->end = now.tv_sec + SECONDS_MAX;
	hunt->text_size = strlen(search->text);
	hunt->buffer = malloc(LINE_MAX_BYTES);
	if (hunt->buffer == NULL)
		return err_set(err, ENOMEM, "out of memory");
	if ((search->flags & INSIDE_SEARCH_EXPRESSION) == 0 ||
	    hunt->text_size == 0)
		return 0;
	code = regcomp(&hunt->regex, search->text, REG_EXTENDED |
	    ((search->flags & INSIDE_SEARCH_ANY_CASE) != 0 ? REG_ICASE : 0));
	hunt->has_regex = code == 0;
	if (code == 0)
		return 0;
	(void)regerror(code, &hunt->regex, words, sizeof words);
	return err_set(err, EINVAL, "text: %s", words);
}

int
search_folder(const struct search *search, struct err *err)
{
	struct hunt hunt = {.search = search};
	int r = prepare(&hunt, err);

	if (r == 0)
		search->begin(search->arg);
	if (r == 0)
		r = walk_folder(search->path, false, visit, &hunt, err);
	if (hunt.has_regex)
		regfree(&hunt.regex);
	free(hunt.buffer);
	return r;
}
