// SPDX-License-Identifier: Apache-2.0
#include "gateway/proxy/answer.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/proxy/request.h"

#define LENGTH_DIGITS_MAX 18

/* "HTTP/1.1 200 OK"; the words may be left out. */
static const char *
read_line(struct text line, struct answer *ret, bool *ret_is_old)
{
	const char *digits = line.data + 9;

	if (line.size < 12 || memcmp(line.data, "HTTP/1.", 7) != 0 ||
	    (line.data[7] != '0' && line.data[7] != '1') ||
	    line.data[8] != ' ' || (line.size > 12 && line.data[12] != ' '))
		return "its first line is no status";
	if (digits[0] < '1' || digits[0] > '5' ||
	    !isdigit((unsigned char)digits[1]) ||
	    !isdigit((unsigned char)digits[2]))
		return "its status is not one of 100 to 599";
	ret->status = (unsigned int)((digits[0] - '0') * 100 +
	    (digits[1] - '0') * 10 + (digits[2] - '0'));
	*ret_is_old = line.data[7] == '0';
	return NULL;
}

static const char *
read_field(const struct head_field *field, struct answer *ret, int *n)
{
	char digits[LENGTH_DIGITS_MAX + 1];

	if (text_is_word(field->name, "content-length")) {
		++*n;
		if (!text_copy(field->value, digits, sizeof digits) ||
		    parse_u64(digits, &ret->length) < 0)
			return "its Content-Length is not 1 to 18 digits";
		ret->body = ANSWER_LENGTH;
	} else if (text_is_word(field->name, "transfer-encoding")) {
		++*n;
		if (!text_is_word(field->value, "chunked"))
			return "its Transfer-Encoding is not \"chunked\"";
		ret->body = ANSWER_CHUNKS;
	}
	return NULL;
}

const char *
answer_read(const struct head *head, struct answer *ret)
{
	const char *problem;
	bool is_old = false;
	int n = 0;

	*ret = (struct answer){.body = ANSWER_UNTIL_END};
	problem = read_line(head->line, ret, &is_old);
	for (size_t i = 0; problem == NULL && i < head->n; i++)
		problem = read_field(&head->fields[i], ret, &n);
	if (problem != NULL)
		return problem;
	if (n > 1)
		return "more than one header says where its body ends";
	if (is_old && ret->body == ANSWER_CHUNKS)
		return "it is chunked, and HTTP/1.0";
	ret->is_interim = ret->status < 200 && ret->status != 101;
	if (ret->status < 200 || ret->status == 204 || ret->status == 304)
		ret->body = ANSWER_NONE;
	ret->is_last = head_has_word(head, "connection", "close") ||
	    ret->body == ANSWER_UNTIL_END || (is_old &&
	    !head_has_word(head, "connection", "keep-alive"));
	return NULL;
}

ssize_t
answer_trailers(const char *data, size_t size)
{
	const size_t most = ANSWER_TRAILERS_MAX + 4;
	const char *end;

	if (size > 0 && data[0] == '\r')
		return 0;
	end = memmem(data, size < most ? size : most, "\r\n\r\n", 4);
	if (end != NULL)
		return end + 2 - data;
	return size < most ? -EAGAIN : -EMSGSIZE;
}

/* A path of the service's is one behind our prefix. */
static void
add_location(struct made *out, struct text name, struct text value,
    struct text prefix)
{
	made_text(out, name);
	made_word(out, ": ");
	if (prefix.size > 0 && text_begins(value, "/") &&
	    !text_begins(value, "//"))
		made_text(out, prefix);
	made_text(out, value);
	made_word(out, "\r\n");
}

static bool
is_dropped(const struct head *head, const struct answer *answer,
    struct text name)
{
	if (text_is_word(name, "content-length") ||
	    text_is_word(name, "transfer-encoding"))
		return answer->status < 200 || answer->status == 204;
	return head_is_hop(head, name);
}

static void
add_cookie(struct made *out, const struct answer_terms *terms)
{
	made_word(out, "Set-Cookie: " REQUEST_PREVIEW_NAME "=");
	made_text(out, terms->cookie);
	made_word(out, "; Path=");
	made_text(out, terms->prefix);
	made_print(out, "/; HttpOnly; SameSite=Lax%s\r\n",
	    terms->is_secure ? "; Secure" : "");
}

size_t
answer_make(const struct head *head, const struct answer *answer,
    const struct answer_terms *terms, char *ret)
{
	struct made out = {.data = ret, .size = ANSWER_MADE_MAX};

	made_word(&out, "HTTP/1.1");
	made_add(&out, head->line.data + 8, head->line.size - 8);
	made_word(&out, "\r\n");
	for (size_t i = 0; i < head->n; i++) {
		const struct head_field *field = &head->fields[i];

		if (text_is_word(field->name, "location"))
			add_location(&out, field->name, field->value,
			    terms->prefix);
		else if (!is_dropped(head, answer, field->name))
			add_location(&out, field->name, field->value,
			    (struct text){"", 0});
	}
	if (terms->cookie.size > 0 && !answer->is_interim)
		add_cookie(&out, terms);
	if (answer->status == 101)
		made_word(&out, "Connection: Upgrade\r\n"
		    "Upgrade: websocket\r\n");
	else if (terms->is_closing && !answer->is_interim)
		made_word(&out, "Connection: close\r\n");
	made_word(&out, "\r\n");
	return out.is_full ? 0 : out.used;
}
