// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/multipart.h"

#include <string.h>
#include <strings.h>

#define BOUNDARY_BYTES \
	"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"'()+_,-./:=? "
#define TOKEN_BYTES \
	"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"

enum state {
	STATE_START, /* the first delimiter */
	STATE_AFTER, /* two bytes after one: another part, or the end */
	STATE_HEAD,
	STATE_BODY,
	STATE_DONE,
	STATE_BAD,
	N_STATE
};

/* What a Content-Disposition may say. */
enum { NAME, FILENAME, EXTENDED, N_VALUE };

/* A parameter of a header: `name=value` or `name="value"`. */
struct parameter {
	const char *name; /* not terminated */
	size_t name_size;
	char *value;
};

static bool
is_called(const struct parameter *parameter, const char *name)
{
	return parameter->name_size == strlen(name) && strncasecmp(
	    parameter->name, name, parameter->name_size) == 0;
}

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c | 0x20) : NULL;

	return at != NULL && *at != '\0' ? (int)(at - digits) : -1;
}

/* The byte that "%41" at p stands for, or -1. */
static int
read_percent(const char *p)
{
	int high = p[0] == '%' ? hex_digit(p[1]) : -1;
	int low = high >= 0 ? hex_digit(p[2]) : -1;

	return low >= 0 ? high << 4 | low : -1;
}

/*
 * Reads a quoted value in place, after its first quote; behind the last one, or
 * NULL. Within it are a quote and line ends as browsers write them, %22, %0D
 * and %0A, and \" as older clients do; all else is what it is.
 */
static char *
read_quoted(char *p)
{
	char *to = p;

	for (; *p != '"'; p++) {
		int byte = read_percent(p);

		if (*p == '\0')
			return NULL;
		if (byte == '"' || byte == '\r' || byte == '\n') {
			*to++ = (char)byte;
			p += 2;
		} else {
			p += p[0] == '\\' && p[1] == '"';
			*to++ = *p;
		}
	}
	*to = '\0';
	return p + 1;
}

/* The next parameter at *at, which is behind it then, and terminated. */
static bool
read_parameter(char **at, struct parameter *ret)
{
	char *p = *at + strspn(*at, "; \t"), *end, *next;

	ret->name = p;
	ret->name_size = strspn(p, TOKEN_BYTES);
	p += ret->name_size;
	if (ret->name_size == 0 || *p != '=')
		return false;
	if (p[1] == '"') {
		ret->value = p + 2;
		end = read_quoted(p + 2);
		if (end == NULL)
			return false;
	} else {
		ret->value = p + 1;
		end = p + 1 + strcspn(p + 1, "; \t\"");
	}
	next = end + strspn(end, " \t");
	if (*next != ';' && *next != '\0')
		return false;
	*at = *next == ';' ? next + 1 : next;
	if (p[1] != '"')
		*end = '\0';
	return true;
}

const char *
multipart_init(struct multipart *multipart, const char *content_type)
{
	static const char type[] = "multipart/form-data";
	static const char problem[] = "the body must be multipart/form-data, "
	    "with a boundary of 1 to 70 characters";
	char copy[256];
	char *at = copy + sizeof type - 1;
	struct parameter found;
	size_t n = 0;

	*multipart = (struct multipart){.state = STATE_START, .matched = 2};
	if (content_type == NULL || strlen(content_type) >= sizeof copy ||
	    strncasecmp(content_type, type, sizeof type - 1) != 0)
		return problem;
	strcpy(copy, content_type);
	if (*at != '\0' && strchr("; \t", *at) == NULL)
		return problem;
	while (n == 0 && read_parameter(&at, &found))
		if (is_called(&found, "boundary"))
			n = strlen(found.value);
	if (n == 0 || n > MULTIPART_BOUNDARY_MAX ||
	    found.value[strspn(found.value, BOUNDARY_BYTES)] != '\0' ||
	    found.value[n - 1] == ' ')
		return problem;
	memcpy(multipart->delimiter, "\r\n--", 4);
	memcpy(multipart->delimiter + 4, found.value, n + 1);
	multipart->delimiter_size = n + 4;
	return NULL;
}

static enum multipart_event
refuse(struct multipart *multipart, const char *problem)
{
	multipart->state = STATE_BAD;
	multipart->problem = problem;
	return MULTIPART_BAD;
}

/* "UTF-8'language'percent-encoded", in place; false: it is none. */
static bool
decode_extended(char **value)
{
	char *p = *value, *to;
	int byte;

	if (strncasecmp(p, "UTF-8'", 6) != 0 || (p = strchr(p + 6, '\'')) ==
	    NULL)
		return false;
	*value = to = ++p;
	for (; *p != '\0'; p++) {
		byte = *p == '%' ? read_percent(p) : *p;
		if (*p == '%' && byte <= 0)
			return false;
		p += *p == '%' ? 2 : 0;
		*to++ = (char)byte;
	}
	*to = '\0';
	return true;
}

/* NULL, or what is wrong with it. */
static const char *
read_disposition(struct multipart *multipart, char *value)
{
	static const char kind[] = "form-data";
	static const char *const names[N_VALUE] = {"name", "filename",
	    "filename*"};
	char *at = value + sizeof kind - 1, *values[N_VALUE] = {0};
	struct parameter found;

	if (strncasecmp(value, kind, sizeof kind - 1) != 0 || (*at != '\0' &&
	    *at != ';') || multipart->part.name != NULL)
		return "Content-Disposition: must be form-data, once";
	while (*at != '\0') {
		if (!read_parameter(&at, &found))
			return "Content-Disposition: is not understood";
		for (int i = 0; i < N_VALUE; i++) {
			if (!is_called(&found, names[i]))
				continue;
			if (values[i] != NULL)
				return "Content-Disposition: says one thing "
				    "twice";
			values[i] = found.value;
		}
	}
	if (values[EXTENDED] != NULL && !decode_extended(&values[EXTENDED]))
		return "Content-Disposition: filename* must be UTF-8'' and "
		    "percent-encoded";
	/* RFC 6266: it is the better one. */
	multipart->part.filename = values[EXTENDED] != NULL ?
	    values[EXTENDED] : values[FILENAME];
	multipart->part.name = values[NAME];
	return values[NAME] != NULL ? NULL :
	    "Content-Disposition: has no name";
}

static const char *
read_line(struct multipart *multipart, char *line)
{
	char *value = strchr(line, ':');

	if (value == NULL || value == line ||
	    strspn(line, TOKEN_BYTES) != (size_t)(value - line))
		return "a part has a header that is none";
	*value++ = '\0';
	value += strspn(value, " \t");
	for (const char *p = value; *p != '\0'; p++)
		if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f)
			return "a part's header has control characters";
	if (strcasecmp(line, "Content-Disposition") == 0)
		return read_disposition(multipart, value);
	if (strcasecmp(line, "Content-Type") == 0)
		multipart->part.content_type = value;
	if (strcasecmp(line, "Content-Transfer-Encoding") == 0 &&
	    strcasecmp(value, "binary") != 0 &&
	    strcasecmp(value, "8bit") != 0 && strcasecmp(value, "7bit") != 0)
		return "Content-Transfer-Encoding: must be binary";
	return NULL;
}

/* Its lines, each ended by CR LF, without the empty one. */
static const char *
read_head(struct multipart *multipart)
{
	char *line = multipart->head, *end;
	const char *problem = NULL;

	multipart->part = (struct multipart_part){0};
	multipart->head[multipart->head_size - 2] = '\0';
	if (strlen(line) != multipart->head_size - 2)
		return "a part's header has a zero byte";
	for (; problem == NULL && *line != '\0'; line = end + 2) {
		end = strstr(line, "\r\n");
		*end = '\0';
		problem = read_line(multipart, line);
	}
	if (problem == NULL && multipart->part.name == NULL)
		problem = "a part has no Content-Disposition";
	return problem;
}

static enum multipart_event
take_head(struct multipart *multipart, const char *data, size_t size,
    size_t *ret_used)
{
	char *head = multipart->head;
	const char *problem;

	for (size_t i = 0; i < size; i++) {
		size_t n = multipart->head_size;

		if (n == MULTIPART_HEAD_MAX)
			return refuse(multipart, "a part's headers are too "
			    "long");
		head[n] = data[i];
		multipart->head_size = ++n;
		if ((data[i] == '\n') != (n >= 2 && head[n - 2] == '\r'))
			return refuse(multipart, "a part's header does not "
			    "end in CR LF");
		if (data[i] != '\n' || (n > 2 && head[n - 3] != '\n'))
			continue;
		*ret_used = i + 1;
		multipart->state = STATE_BODY;
		problem = read_head(multipart);
		return problem != NULL ? refuse(multipart, problem) :
		    MULTIPART_PART;
	}
	*ret_used = size;
	return MULTIPART_MORE;
}

/* A delimiter has been read. */
static void
begin_after(struct multipart *multipart)
{
	multipart->state = STATE_AFTER;
	multipart->matched = multipart->head_size = 0;
}

/* Two bytes after a delimiter; the first is kept in head meanwhile. */
static enum multipart_event
take_after(struct multipart *multipart, const char *data, size_t size,
    size_t *ret_used)
{
	while (*ret_used < size && multipart->head_size < 2)
		multipart->head[multipart->head_size++] = data[(*ret_used)++];
	if (multipart->head_size < 2)
		return MULTIPART_MORE;
	multipart->head_size = 0;
	if (memcmp(multipart->head, "--", 2) == 0) {
		multipart->state = STATE_DONE;
		return MULTIPART_END;
	}
	if (memcmp(multipart->head, "\r\n", 2) != 0)
		return refuse(multipart, "a boundary must be followed by "
		    "CR LF or --");
	multipart->state = STATE_HEAD;
	return MULTIPART_MORE; /* there may be: it is asked again */
}

/* How far the delimiter goes on; true where it has an end, either way. */
static bool
match(struct multipart *multipart, const char *data, size_t size,
    size_t *ret_used)
{
	size_t i = 0;

	while (i < size && multipart->matched < multipart->delimiter_size &&
	    data[i] == multipart->delimiter[multipart->matched]) {
		i++;
		multipart->matched++;
	}
	*ret_used = i;
	return i < size || multipart->matched == multipart->delimiter_size;
}

static enum multipart_event
give(struct multipart *multipart, const char *data, size_t size)
{
	multipart->bytes.data = data;
	multipart->bytes.size = size;
	return MULTIPART_BYTES;
}

static enum multipart_event
take_body(struct multipart *multipart, const char *data, size_t size,
    size_t *ret_used)
{
	const char *end;

	if (multipart->n_owed > 0)
		return give(multipart, multipart->delimiter + multipart->owed,
		    multipart->n_owed);
	if (size == 0)
		return MULTIPART_MORE;
	end = memchr(data, '\r', size);
	if (multipart->matched == 0 && end != data)
		return give(multipart, data, end != NULL ?
		    (size_t)(end - data) : size);
	if (!match(multipart, data, size, ret_used))
		return MULTIPART_MORE;
	if (multipart->matched == multipart->delimiter_size) {
		begin_after(multipart);
		return MULTIPART_PART_END;
	}
	/* It has one CR, its first byte: no other delimiter begins in it. */
	multipart->owed = 0;
	multipart->n_owed = multipart->matched;
	multipart->matched = 0;
	return give(multipart, multipart->delimiter, multipart->n_owed);
}

size_t
multipart_take(struct multipart *multipart, size_t n)
{
	if (multipart->n_owed == 0)
		return n;
	multipart->owed += n;
	multipart->n_owed -= n;
	return 0;
}

static enum multipart_event
take_start(struct multipart *multipart, const char *data, size_t size,
    size_t *ret_used)
{
	if (!match(multipart, data, size, ret_used))
		return MULTIPART_MORE;
	if (multipart->matched < multipart->delimiter_size)
		return refuse(multipart, "the body must begin with its "
		    "boundary");
	begin_after(multipart);
	return MULTIPART_MORE;
}

static enum multipart_event
take_one(struct multipart *multipart, const char *data, size_t size,
    size_t *ret_used)
{
	switch ((enum state)multipart->state) {
	case STATE_START:
		return take_start(multipart, data, size, ret_used);
	case STATE_AFTER:
		return take_after(multipart, data, size, ret_used);
	case STATE_HEAD:
		return take_head(multipart, data, size, ret_used);
	case STATE_BODY:
		return take_body(multipart, data, size, ret_used);
	case STATE_DONE:
		*ret_used = size;
		return MULTIPART_MORE;
	case STATE_BAD:
	case N_STATE:
		break;
	}
	return MULTIPART_BAD;
}

enum multipart_event
multipart_next(struct multipart *multipart, const char *data, size_t size,
    size_t *ret_used)
{
	enum multipart_event event = MULTIPART_MORE;
	size_t used = 0, n;

	do {
		n = 0;
		event = take_one(multipart, data + used, size - used, &n);
		used += n;
	} while (event == MULTIPART_MORE && used < size);
	*ret_used = used;
	return event;
}

bool
multipart_is_whole(const struct multipart *multipart)
{
	return multipart->state == STATE_DONE;
}
