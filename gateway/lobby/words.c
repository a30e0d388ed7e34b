// SPDX-License-Identifier: Apache-2.0
#include "gateway/lobby/words.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define BLANKS "\t "
/* Outside of quotations, and inside of "...". */
#define REFUSED	       "\n\r|&;<>()$`"
#define REFUSED_QUOTED "$`"
/* What \ makes literal inside of "...". */
#define ESCAPED "\"\\$`"

struct split {
	const char *in;
	char *out; /* never ahead of `in` */
};

static int
refuse(char c, struct err *err)
{
	if (c == '\n' || c == '\r')
		return err_set(err, EINVAL, "one command a line");
	return err_set(err, EINVAL,
	    "there is no shell here: '%c' must be quoted", c);
}

static int
take_single(struct split *s, struct err *err)
{
	const char *end = strchr(s->in, '\'');
	size_t n;

	if (end == NULL)
		return err_set(err, EINVAL, "a ' has no counterpart");
	n = (size_t)(end - s->in);
	memmove(s->out, s->in, n);
	s->out += n;
	s->in = end + 1;
	return 0;
}

static int
take_double(struct split *s, struct err *err)
{
	while (*s->in != '"') {
		if (*s->in == '\0')
			return err_set(err, EINVAL,
			    "a \" has no counterpart");
		if (strchr(REFUSED_QUOTED, *s->in) != NULL)
			return refuse(*s->in, err);
		if (*s->in == '\\' && s->in[1] != '\0' &&
		    strchr(ESCAPED, s->in[1]) != NULL)
			s->in++;
		*s->out++ = *s->in++;
	}
	s->in++;
	return 0;
}

/* One character, or one quotation, of a word. */
static int
take(struct split *s, struct err *err)
{
	char c = *s->in;

	if (strchr(REFUSED, c) != NULL)
		return refuse(c, err);
	s->in++;
	if (c == '\'')
		return take_single(s, err);
	if (c == '"')
		return take_double(s, err);
	if (c == '\\') {
		if (*s->in == '\0')
			return err_set(err, EINVAL,
			    "a \\ has nothing behind it");
		c = *s->in++;
	}
	*s->out++ = c;
	return 0;
}

int
words_split(char *text, char **argv, int *ret_n, struct err *err)
{
	struct split s = {text, text};
	int n = 0, r;

	for (;;) {
		bool is_last;

		s.in += strspn(s.in, BLANKS);
		if (*s.in == '\0')
			break;
		if (n == WORDS_MAX)
			return err_set(err, EINVAL, "more than %d words",
			    WORDS_MAX);
		argv[n++] = s.out;
		while (*s.in != '\0' && strchr(BLANKS, *s.in) == NULL)
			if ((r = take(&s, err)) < 0)
				return r;
		/* The terminator may take the place of what ended the word. */
		is_last = *s.in == '\0';
		if (!is_last)
			s.in++;
		*s.out++ = '\0';
		if (is_last)
			break;
	}
	argv[n] = NULL;
	*ret_n = n;
	return 0;
}
