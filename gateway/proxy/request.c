// SPDX-License-Identifier: Apache-2.0
#include "gateway/proxy/request.h"

#include <stdlib.h>

static struct text
cookie_token(struct text cookies)
{
	const size_t n = sizeof REQUEST_PREVIEW_NAME - 1;
	struct text one;

	while (text_next(&cookies, ';', &one)) {
		one = text_trim(one);
		if (text_begins(one, REQUEST_PREVIEW_NAME "="))
			return (struct text){one.data + n + 1,
			    one.size - n - 1};
	}
	return (struct text){"", 0};
}

/* The query of a path, "" where it has none. */
static struct text
query_of(struct text path)
{
	const char *mark = memchr(path.data, '?', path.size);

	if (mark == NULL)
		return (struct text){NULL, 0};
	return (struct text){mark + 1,
	    path.size - (size_t)(mark + 1 - path.data)};
}

static bool
is_token_field(struct text one)
{
	return text_begins(one, REQUEST_PREVIEW_NAME "=");
}

static void
find_preview(const struct head *head, struct request *ret)
{
	const size_t n = sizeof REQUEST_PREVIEW_NAME - 1;
	const struct text *value = head_get(head, REQUEST_PREVIEW_HEADER);
	struct text query = query_of(ret->path), one;

	if (value != NULL) {
		ret->preview = *value;
		return;
	}
	while (text_next(&query, '&', &one))
		if (is_token_field(one)) {
			ret->preview = (struct text){one.data + n + 1,
			    one.size - n - 1};
			ret->is_preview_in_query = true;
			return;
		}
	for (size_t i = 0; i < head->n && ret->preview.size == 0; i++)
		if (text_is_word(head->fields[i].name, "cookie"))
			ret->preview = cookie_token(head->fields[i].value);
}

static int
read_line(struct text line, struct request *ret, const char **ret_words)
{
	struct text version;

	if (!text_next(&line, ' ', &ret->method) ||
	    !text_next(&line, ' ', &ret->path) ||
	    !text_next(&line, ' ', &version)) {
		*ret_words = "the request's line is not a method, a path and "
		    "a version";
		return 400;
	}
	if (ret->path.size == 0 || *ret->path.data != '/') {
		*ret_words = "what is asked for must be a path";
		return 400;
	}
	if (text_is(ret->method, "CONNECT") || text_is(ret->method, "TRACE")) {
		*ret_words = "this method is not passed on";
		return 405;
	}
	ret->is_old = text_is(version, "HTTP/1.0");
	ret->is_head = text_is(ret->method, "HEAD");
	return 0;
}

int
request_read(const struct head *head, struct request *ret,
    const char **ret_words)
{
	const struct text *value;
	int status;

	*ret = (struct request){.host = {"", 0}, .preview = {"", 0},
	    .bearer = {"", 0}};
	status = read_line(head->line, ret, ret_words);
	if (status != 0)
		return status;
	value = head_get(head, "host");
	if (value != NULL)
		ret->host = *value;
	else if (!ret->is_old) {
		*ret_words = "it names no Host";
		return 400;
	}
	find_preview(head, ret);
	value = head_get(head, "authorization");
	if (value != NULL && value->size > 7 &&
	    strncasecmp(value->data, "Bearer ", 7) == 0)
		ret->bearer = text_trim((struct text){value->data + 7,
		    value->size - 7});
	value = head_get(head, "content-length");
	ret->has_body = head_get(head, "transfer-encoding") != NULL ||
	    (value != NULL && !text_is(*value, "0"));
	ret->is_last = head_has_word(head, "connection", "close") ||
	    (ret->is_old && !head_has_word(head, "connection", "keep-alive"));
	ret->is_upgrade = !ret->is_old && !ret->has_body &&
	    text_is(ret->method, "GET") &&
	    head_has_word(head, "connection", "upgrade") &&
	    head_has_word(head, "upgrade", "websocket");
	return 0;
}

bool
request_is_plain_path(struct text path)
{
	const char *mark = memchr(path.data, '?', path.size);

	if (mark != NULL)
		path.size = (size_t)(mark - path.data);
	return memchr(path.data, '\\', path.size) == NULL &&
	    memchr(path.data, ';', path.size) == NULL &&
	    memchr(path.data, '%', path.size) == NULL &&
	    memmem(path.data, path.size, "//", 2) == NULL &&
	    memmem(path.data, path.size, "/.", 2) == NULL;
}

static bool
has_token_field(struct text query)
{
	struct text one;

	while (text_next(&query, '&', &one))
		if (is_token_field(one))
			return true;
	return false;
}

/* The path without tokens in its query, whichever of them was looked at. */
static void
add_path(struct made *out, const struct target *target)
{
	struct text path = target->path, query = query_of(path), one;
	char before = '?';

	if (path.size == 0 || *path.data != '/')
		made_word(out, "/");
	if (!has_token_field(query)) {
		made_text(out, path);
		return;
	}
	made_add(out, path.data, (size_t)(query.data - 1 - path.data));
	while (text_next(&query, '&', &one)) {
		if (is_token_field(one))
			continue;
		made_add(out, &before, 1);
		made_text(out, one);
		before = '&';
	}
}

/* Cookies but for ours; nothing where no other is left. */
static void
add_cookies(struct made *out, struct text cookies)
{
	const char *before = "Cookie: ";
	struct text one;

	while (text_next(&cookies, ';', &one)) {
		one = text_trim(one);
		if (one.size == 0 ||
		    text_begins(one, REQUEST_PREVIEW_NAME "="))
			continue;
		made_word(out, before);
		made_text(out, one);
		before = "; ";
	}
	if (before[0] == ';')
		made_word(out, "\r\n");
}

/* What we say ourselves, or that says who the client is. */
static bool
is_ours(struct text name)
{
	static const char *const ours[] = {"x-forwarded-for",
	    "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port",
	    "x-forwarded-prefix", "x-forwarded-server", "x-real-ip",
	    "forwarded", REQUEST_PREVIEW_HEADER};

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (head_is_like(name, ours[i]))
			return true;
	return false;
}

static bool
is_stripped(const struct request_strip *strip, struct text name)
{
	return (strip->has_bearer && head_is_like(name, "authorization")) ||
	    (strip->header != NULL && head_is_like(name, strip->header));
}

static void
add_field(struct made *out, const struct head_field *field)
{
	made_text(out, field->name);
	made_word(out, ": ");
	made_text(out, field->value);
	made_word(out, "\r\n");
}

static void
add_fields(struct made *out, const struct head *head,
    const struct request_strip *strip)
{
	for (size_t i = 0; i < head->n; i++) {
		const struct head_field *field = &head->fields[i];

		/* How long the body is must not be lost, whatever Connection
		 * says of it. */
		if (text_is_word(field->name, "content-length") ||
		    text_is_word(field->name, "transfer-encoding"))
			add_field(out, field);
		else if (text_is_word(field->name, "cookie"))
			add_cookies(out, field->value);
		else if (!is_ours(field->name) &&
		    !is_stripped(strip, field->name) &&
		    (text_is_word(field->name, "host") ||
		    !head_is_hop(head, field->name)))
			add_field(out, field);
	}
}

size_t
request_make(const struct head *head, const struct request *request,
    const struct request_terms *terms, char *ret)
{
	struct made out = {.data = ret, .size = REQUEST_HEAD_MAX};

	made_text(&out, request->method);
	made_word(&out, " ");
	add_path(&out, terms->target);
	made_print(&out, " HTTP/1.%d\r\n", request->is_old ? 0 : 1);
	add_fields(&out, head, &terms->strip);
	if (request->is_upgrade)
		made_word(&out, "Connection: Upgrade\r\n"
		    "Upgrade: websocket\r\n");
	made_print(&out, "X-Forwarded-For: %s\r\nX-Forwarded-Proto: %s\r\n",
	    terms->peer, terms->scheme);
	if (request->host.size > 0) {
		made_word(&out, "X-Forwarded-Host: ");
		made_text(&out, request->host);
		made_word(&out, "\r\n");
	}
	if (terms->target->prefix.size > 0) {
		made_word(&out, "X-Forwarded-Prefix: ");
		made_text(&out, terms->target->prefix);
		made_word(&out, "\r\n");
	}
	made_word(&out, "\r\n");
	return out.is_full ? 0 : out.used;
}
