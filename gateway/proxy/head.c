// SPDX-License-Identifier: Apache-2.0
#include "gateway/proxy/head.h"

#include <ctype.h>

#define TOKEN_BYTES \
	"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"

size_t
head_find_end(const char *data, size_t size, size_t *looked)
{
	for (size_t i = *looked; i + 1 < size; i++) {
		const char *end = memchr(data + i, '\n', size - i);

		if (end == NULL)
			break;
		i = (size_t)(end - data);
		if (i + 2 < size && end[1] == '\r' && end[2] == '\n')
			return i + 3;
		if (i + 2 >= size)
			break;
	}
	*looked = size > 3 ? size - 3 : 0;
	return 0;
}

static bool
has_control(struct text text)
{
	for (size_t i = 0; i < text.size; i++)
		if (((unsigned char)text.data[i] < ' ' &&
		    text.data[i] != '\t') || text.data[i] == 0x7f)
			return true;
	return false;
}

static bool
is_token(struct text text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] == '\0' ||
		    strchr(TOKEN_BYTES, text.data[i]) == NULL)
			return false;
	return text.size > 0;
}

static const char *
read_field(struct text line, struct head *head)
{
	struct head_field *field = &head->fields[head->n];
	const char *colon = memchr(line.data, ':', line.size);

	if (head->n == HEAD_FIELDS_MAX)
		return "it has more than 128 headers";
	if (colon == NULL)
		return "a header has no colon";
	field->name = (struct text){line.data, (size_t)(colon - line.data)};
	field->value = text_trim((struct text){colon + 1,
	    line.size - field->name.size - 1});
	if (!is_token(field->name))
		return "a header's name is no token";
	head->n++;
	return NULL;
}

const char *
head_read(const char *data, size_t size, struct head *ret)
{
	const char *problem = NULL;
	struct text rest = {data, size}, line;

	ret->n = 0;
	ret->line = (struct text){data, 0};
	for (bool is_first = true; problem == NULL; is_first = false) {
		if (!text_next(&rest, '\n', &line) || rest.data == NULL ||
		    line.size == 0 || line.data[line.size - 1] != '\r')
			return "a line does not end in CR LF";
		line.size--;
		if (line.size == 0)
			return is_first ? "it has no first line" :
			    rest.size == 0 ? NULL : "it goes on";
		if (has_control(line))
			return "it has control characters";
		if (is_first)
			ret->line = line;
		else
			problem = read_field(line, ret);
	}
	return problem;
}

const struct text *
head_get(const struct head *head, const char *name)
{
	for (size_t i = 0; i < head->n; i++)
		if (text_is_word(head->fields[i].name, name))
			return &head->fields[i].value;
	return NULL;
}

bool
head_has_word(const struct head *head, const char *name, const char *word)
{
	for (size_t i = 0; i < head->n; i++) {
		struct text rest = head->fields[i].value, one;

		if (!text_is_word(head->fields[i].name, name))
			continue;
		while (text_next(&rest, ',', &one))
			if (text_is_word(text_trim(one), word))
				return true;
	}
	return false;
}

bool
head_is_hop(const struct head *head, struct text name)
{
	static const char *const hops[] = {"connection", "keep-alive",
	    "proxy-connection", "proxy-authenticate", "proxy-authorization",
	    "te", "trailer", "transfer-encoding", "upgrade"};
	char word[64];

	for (size_t i = 0; i < sizeof hops / sizeof *hops; i++)
		if (text_is_word(name, hops[i]))
			return true;
	return text_copy(name, word, sizeof word) &&
	    head_has_word(head, "connection", word);
}

bool
head_is_like(struct text name, const char *as)
{
	if (name.size != strlen(as))
		return false;
	for (size_t i = 0; i < name.size; i++) {
		char letter = name.data[i] == '_' ? '-' : name.data[i];

		if (tolower((unsigned char)letter) !=
		    tolower((unsigned char)as[i]))
			return false;
	}
	return true;
}
