// SPDX-License-Identifier: Apache-2.0
#include "gateway/depot/kind.h"

#include <string.h>
#include <strings.h>

#include "common/utf8.h"

/* Ends of names, what they are, and how that is called. */
static const struct ending {
	const char *end;
	enum depot_kind kind;
	const char *mime;
} endings[] = {
    {"txt", DEPOT_KIND_TEXT, "text/plain"},
    {"log", DEPOT_KIND_TEXT, "text/plain"},
    {"md", DEPOT_KIND_TEXT, "text/markdown"},
    {"html", DEPOT_KIND_CODE, "text/html"},
    {"htm", DEPOT_KIND_CODE, "text/html"},
    {"xml", DEPOT_KIND_CODE, "application/xml"},
    {"css", DEPOT_KIND_CODE, "text/css"},
    {"json", DEPOT_KIND_JSON, "application/json"},
    {"csv", DEPOT_KIND_CSV, "text/csv"},
    {"py", DEPOT_KIND_CODE, "text/x-python"},
    {"js", DEPOT_KIND_CODE, "text/javascript"},
    {"mjs", DEPOT_KIND_CODE, "text/javascript"},
    {"ts", DEPOT_KIND_CODE, "text/x-typescript"},
    {"tsx", DEPOT_KIND_CODE, "text/x-typescript"},
    {"jsx", DEPOT_KIND_CODE, "text/javascript"},
    {"sh", DEPOT_KIND_CODE, "text/x-shellscript"},
    {"c", DEPOT_KIND_CODE, "text/x-c"},
    {"h", DEPOT_KIND_CODE, "text/x-c"},
    {"cpp", DEPOT_KIND_CODE, "text/x-c++"},
    {"hpp", DEPOT_KIND_CODE, "text/x-c++"},
    {"java", DEPOT_KIND_CODE, "text/x-java"},
    {"go", DEPOT_KIND_CODE, "text/x-go"},
    {"rs", DEPOT_KIND_CODE, "text/x-rust"},
    {"rb", DEPOT_KIND_CODE, "text/x-ruby"},
    {"php", DEPOT_KIND_CODE, "text/x-php"},
    {"sql", DEPOT_KIND_CODE, "text/x-sql"},
    {"yaml", DEPOT_KIND_CODE, "application/yaml"},
    {"yml", DEPOT_KIND_CODE, "application/yaml"},
    {"toml", DEPOT_KIND_CODE, "application/toml"},
    {"png", DEPOT_KIND_NONE, "image/png"},
    {"jpg", DEPOT_KIND_NONE, "image/jpeg"},
    {"jpeg", DEPOT_KIND_NONE, "image/jpeg"},
    {"gif", DEPOT_KIND_NONE, "image/gif"},
    {"svg", DEPOT_KIND_CODE, "image/svg+xml"},
    {"pdf", DEPOT_KIND_NONE, "application/pdf"},
    {"zip", DEPOT_KIND_NONE, "application/zip"},
    {"gz", DEPOT_KIND_NONE, "application/gzip"},
};

static const struct ending *
find_ending(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (dot == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (strcasecmp(dot + 1, endings[i].end) == 0)
			return &endings[i];
	return NULL;
}

const char *
kind_mime(const char *name)
{
	const struct ending *ending = find_ending(name);

	return ending != NULL ? ending->mime : "application/octet-stream";
}

/* Whether it is this one, its parameters left out. */
static bool
is_mime(const char *mime, const char *wanted)
{
	const size_t n = strcspn(mime, "; ");

	return n == strlen(wanted) && strncasecmp(mime, wanted, n) == 0;
}

enum depot_kind
kind_of(const char *name, const char *mime)
{
	const struct ending *ending = find_ending(name);

	if (is_mime(mime, "application/json"))
		return DEPOT_KIND_JSON;
	if (is_mime(mime, "text/csv"))
		return DEPOT_KIND_CSV;
	if (ending != NULL)
		return ending->kind;
	if (strncasecmp(mime, "text/x-", 7) == 0 ||
	    is_mime(mime, "text/javascript") ||
	    is_mime(mime, "application/javascript"))
		return DEPOT_KIND_CODE;
	return strncasecmp(mime, "text/", 5) == 0 ? DEPOT_KIND_TEXT :
	    DEPOT_KIND_NONE;
}

/* How many bytes were looked at; what follows begins a character. */
static size_t
look(struct kind_text *text, const uint8_t *data, size_t size)
{
	size_t i = 0;

	while (i < size) {
		const int n = utf8_first(data + i, size - i);

		if (n == 0)
			return i;
		if (n < 0 || data[i] == '\0') {
			text->is_broken = true;
			return size;
		}
		i += (size_t)n;
	}
	return size;
}

void
kind_text_add(struct kind_text *text, const void *data, size_t size)
{
	const uint8_t *bytes = data;
	size_t done;

	while (!text->is_broken && text->n_rest > 0 && size > 0) {
		text->rest[text->n_rest++] = *bytes++;
		size--;
		if (look(text, text->rest, text->n_rest) > 0)
			text->n_rest = 0;
	}
	if (text->is_broken || size == 0)
		return;
	done = look(text, bytes, size);
	text->n_rest = size - done;
	memcpy(text->rest, bytes + done, text->n_rest);
}

bool
kind_text_is_good(const struct kind_text *text)
{
	return !text->is_broken && text->n_rest == 0;
}
