// SPDX-License-Identifier: Apache-2.0
#include "gateway/resolver/opening.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define RECORD_HANDSHAKE   22
#define RECORD_HEADER	   5
#define HANDSHAKE_HELLO	   1
#define HANDSHAKE_HEADER   4
#define HELLO_RANDOM	   34 /* and the version before it */
#define EXTENSION_NAME	   0
#define EXTENSION_ECH	   0xfe0d /* encrypted ClientHello */
#define EXTENSION_ESNI	   0xffce /* what came before it */
#define NAME_HOST	   0

#define CLOSE "Connection: close\r\n"
_Static_assert(sizeof CLOSE <= OPENING_MORE_BYTES, "it fits");

/* Bytes that are read from the front; is_short once there were too few. */
struct reader {
	const uint8_t *data;
	size_t size;
	bool is_short;
};

static const uint8_t *
take(struct reader *reader, size_t n)
{
	const uint8_t *data = reader->data;

	if (reader->is_short || n > reader->size) {
		reader->is_short = true;
		return NULL;
	}
	reader->data += n;
	reader->size -= n;
	return data;
}

/* A number of `bytes` bytes, or 0. */
static size_t
take_number(struct reader *reader, size_t bytes)
{
	const uint8_t *data = take(reader, bytes);
	size_t number = 0;

	for (size_t i = 0; data != NULL && i < bytes; i++)
		number = number << 8 | data[i];
	return number;
}

/* What follows its length, a number of `bytes` bytes. */
static struct reader
take_vector(struct reader *reader, size_t bytes)
{
	const size_t size = take_number(reader, bytes);
	const uint8_t *data = take(reader, size);

	return (struct reader){data, data != NULL ? size : 0, data == NULL};
}

/* A name in bytes, with its case and a dot at its end as they like. */
static bool
read_name(const uint8_t *data, size_t size, struct opening *ret)
{
	char text[EGRESS_DOMAIN_SIZE + 1];

	if (size == 0 || size >= sizeof text ||
	    memchr(data, '\0', size) != NULL || *data == '*')
		return false;
	memcpy(text, data, size);
	text[size] = '\0';
	if (egress_domain_read(text, ret->name) == NULL)
		return true;
	ret->name[0] = '\0';
	return false;
}

/* The one host name of a server_name. */
static bool
read_server_name(struct reader extension, struct opening *ret)
{
	struct reader list = take_vector(&extension, 2);
	const size_t type = take_number(&list, 1);
	const struct reader name = take_vector(&list, 2);

	return !extension.is_short && extension.size == 0 && !list.is_short &&
	    list.size == 0 && type == NAME_HOST &&
	    read_name(name.data, name.size, ret);
}

static enum opening_state
read_extensions(struct reader extensions, struct opening *ret)
{
	unsigned n_names = 0;

	while (extensions.size > 0 && !extensions.is_short) {
		const size_t type = take_number(&extensions, 2);
		const struct reader one = take_vector(&extensions, 2);

		if (extensions.is_short || type == EXTENSION_ECH ||
		    type == EXTENSION_ESNI || (type == EXTENSION_NAME &&
		    (n_names++ > 0 || !read_server_name(one, ret))))
			return OPENING_NOBODY;
	}
	return n_names == 1 && !extensions.is_short ? OPENING_NAMES :
	    OPENING_NOBODY;
}

static enum opening_state
read_hello(struct reader hello, struct opening *ret)
{
	struct reader extensions;

	(void)take(&hello, HELLO_RANDOM);
	(void)take_vector(&hello, 1); /* session */
	(void)take_vector(&hello, 2); /* ciphers */
	(void)take_vector(&hello, 1); /* compression */
	extensions = take_vector(&hello, 2);
	if (hello.is_short || extensions.is_short || hello.size > 0)
		return OPENING_NOBODY;
	return read_extensions(extensions, ret);
}

/* A ClientHello may be in pieces, a record each. */
static enum opening_state
read_records(const uint8_t *data, size_t size, struct opening *ret)
{
	struct reader all = {data, size, false};
	uint8_t hello[OPENING_BYTES_MAX];
	size_t used = 0, wanted = HANDSHAKE_HEADER;

	while (used < wanted) {
		const size_t type = take_number(&all, 1);
		const size_t version = take_number(&all, 2);
		const size_t length = take_number(&all, 2);
		size_t n = length < all.size ? length : all.size;

		if (all.is_short)
			return OPENING_MORE;
		if (type != RECORD_HANDSHAKE || version >> 8 != 3 ||
		    length == 0 || length > OPENING_BYTES_MAX - used)
			return OPENING_NOBODY;
		memcpy(hello + used, all.data, n);
		used += n;
		(void)take(&all, n);
		if (used >= 1 && hello[0] != HANDSHAKE_HELLO)
			return OPENING_NOBODY;
		if (used >= HANDSHAKE_HEADER)
			wanted = HANDSHAKE_HEADER + ((size_t)hello[1] << 16 |
			    (size_t)hello[2] << 8 | hello[3]);
		if (wanted > OPENING_BYTES_MAX)
			return OPENING_NOBODY;
		if (n < length && used < wanted)
			return OPENING_MORE;
	}
	/* Nothing else follows it before it is answered. */
	if (used > wanted)
		return OPENING_NOBODY;
	return read_hello((struct reader){hello + HANDSHAKE_HEADER,
	    wanted - HANDSHAKE_HEADER, false}, ret);
}

/* -- HTTP */

static bool
is_token(const uint8_t *data, size_t size)
{
	static const char more[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < size; i++)
		if (!isalnum(data[i]) && (data[i] == '\0' ||
		    strchr(more, data[i]) == NULL))
			return false;
	return size > 0;
}

/* The next line, without its CR LF; false where there is none whole. */
static bool
take_line(struct reader *reader, struct reader *ret)
{
	const uint8_t *end = reader->size == 0 ? NULL :
	    memchr(reader->data, '\n', reader->size);
	size_t n;

	if (end == NULL)
		return false;
	n = (size_t)(end - reader->data);
	*ret = (struct reader){reader->data, n, false};
	(void)take(reader, n + 1);
	if (n == 0 || ret->data[n - 1] != '\r')
		ret->is_short = true; /* LF alone is no end of a line */
	else
		ret->size--;
	return true;
}

/* No control but the tab, as some take others for the end of a line. */
static bool
is_plain(const struct reader *line)
{
	for (size_t i = 0; i < line->size; i++)
		if ((line->data[i] < ' ' && line->data[i] != '\t') ||
		    line->data[i] == 0x7f)
			return false;
	return !line->is_short;
}

/* "METHOD /PATH HTTP/1.x"; no proxy is meant, so no CONNECT and no URL. */
static bool
is_request(const struct reader *line)
{
	static const char version[] = " HTTP/1.";
	const size_t tail = sizeof version - 1 + 1;
	const uint8_t *space = line->size == 0 ? NULL :
	    memchr(line->data, ' ', line->size), *end, *target;
	size_t method;

	if (space == NULL || line->size < tail || !is_plain(line))
		return false;
	method = (size_t)(space - line->data);
	end = line->data + line->size - tail;
	target = space + 1;
	if (target >= end || memcmp(end, version, tail - 1) != 0 ||
	    (end[tail - 1] != '0' && end[tail - 1] != '1') ||
	    !is_token(line->data, method) ||
	    memchr(target, ' ', (size_t)(end - target)) != NULL ||
	    memchr(target, '\t', (size_t)(end - target)) != NULL)
		return false;
	if (method == 7 && memcmp(line->data, "CONNECT", 7) == 0)
		return false;
	return *target == '/' || (*target == '*' && end - target == 1);
}

/* A field's name; what follows the colon is left in *line. NULL: no field. */
static const uint8_t *
take_field(struct reader *line, size_t *ret_size)
{
	const uint8_t *name = line->data, *colon = line->size == 0 ? NULL :
	    memchr(line->data, ':', line->size);

	if (colon == NULL || !is_plain(line) ||
	    !is_token(name, (size_t)(colon - name)))
		return NULL;
	*ret_size = (size_t)(colon - name);
	(void)take(line, *ret_size + 1);
	while (line->size > 0 && (*line->data == ' ' || *line->data == '\t'))
		(void)take(line, 1);
	while (line->size > 0 && (line->data[line->size - 1] == ' ' ||
	    line->data[line->size - 1] == '\t'))
		line->size--;
	return name;
}

static bool
is_named(const uint8_t *name, size_t size, const char *wanted)
{
	return size == strlen(wanted) &&
	    strncasecmp((const char *)name, wanted, size) == 0;
}

/* "name" or "name:port". */
static bool
read_host(const struct reader *value, struct opening *ret)
{
	const uint8_t *colon = value->size == 0 ? NULL :
	    memchr(value->data, ':', value->size);
	const size_t size = colon == NULL ? value->size :
	    (size_t)(colon - value->data);

	for (size_t i = size + 1; i < value->size; i++)
		if (!isdigit(value->data[i]))
			return false;
	return read_name(value->data, size, ret);
}

static enum opening_state
read_head(const uint8_t *data, size_t size, struct opening *ret)
{
	struct reader all = {data, size, false}, line;
	unsigned n_hosts = 0;

	if (!take_line(&all, &line))
		return OPENING_MORE;
	if (!is_request(&line))
		return OPENING_NOBODY;
	for (;;) {
		const uint8_t *name;
		size_t n;

		if (!take_line(&all, &line))
			return OPENING_MORE;
		if (line.size == 0 && !line.is_short)
			break;
		name = take_field(&line, &n);
		if (name == NULL || (is_named(name, n, "host") &&
		    (n_hosts++ > 0 || !read_host(&line, ret))))
			return OPENING_NOBODY;
	}
	ret->size = size - all.size;
	return n_hosts == 1 ? OPENING_NAMES : OPENING_NOBODY;
}

enum opening_state
opening_read(const uint8_t *data, size_t size, struct opening *ret)
{
	enum opening_state state;

	*ret = (struct opening){0};
	if (size == 0)
		return OPENING_MORE;
	if (data[0] == RECORD_HANDSHAKE) {
		ret->kind = EGRESS_TLS;
		state = read_records(data, size, ret);
	} else if (isalpha(data[0])) {
		ret->kind = EGRESS_HTTP;
		state = read_head(data, size, ret);
	} else {
		return OPENING_NOBODY;
	}
	return state == OPENING_MORE && size >= OPENING_BYTES_MAX ?
	    OPENING_NOBODY : state;
}

static bool
is_between_neighbours(const uint8_t *name, size_t size)
{
	static const char *const names[] = {"connection", "keep-alive",
	    "proxy-connection", "upgrade", "http2-settings"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (is_named(name, size, names[i]))
			return true;
	return false;
}

size_t
opening_close(const uint8_t *head, size_t size, uint8_t *ret)
{
	struct reader all = {head, size, false}, line;
	size_t used = 0;

	while (take_line(&all, &line) && line.size > 0) {
		const uint8_t *start = line.data;
		const size_t length = line.size + 2; /* with its CR LF */
		size_t n = 0;
		const uint8_t *name = used > 0 ? take_field(&line, &n) : NULL;

		if (name != NULL && is_between_neighbours(name, n))
			continue;
		memcpy(ret + used, start, length);
		used += length;
	}
	memcpy(ret + used, CLOSE "\r\n", sizeof CLOSE - 1 + 2);
	return used + sizeof CLOSE - 1 + 2;
}
