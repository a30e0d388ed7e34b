// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/framing.h"

#include <string.h>
#include <strings.h>

#define TOKEN_BYTES \
	"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"

#define LENGTH_DIGITS_MAX 18 /* so that no sum of such overflows */
#define CHUNK_DIGITS_MAX  15
#define DIGITS		  "0123456789"
#define HEX_DIGITS	  "0123456789abcdefABCDEF"

/* What the headers of one head say. */
struct head {
	bool is_old; /* HTTP/1.0 */
	unsigned int n_lengths, n_encodings, n_hosts;
	uint64_t length;
	const char *problem;
};

/* Part of the bytes that came; not terminated. */
struct text {
	const char *data;
	size_t size;
};

static bool
is_in(struct text text, const char *bytes)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] == '\0' ||
		    strchr(bytes, text.data[i]) == NULL)
			return false;
	return true;
}

static bool
is_word(struct text text, const char *word)
{
	return text.size == strlen(word) &&
	    strncasecmp(text.data, word, text.size) == 0;
}

/* Control characters but for tabs; bytes above ASCII are none. */
static bool
has_control(struct text text)
{
	for (size_t i = 0; i < text.size; i++)
		if (((unsigned char)text.data[i] < ' ' &&
		    text.data[i] != '\t') || text.data[i] == 0x7f)
			return true;
	return false;
}

/* Digits that are nothing else, at most max_digits of them. */
static bool
read_number(struct text text, unsigned int base, size_t max_digits,
    uint64_t *ret)
{
	uint64_t number = 0;

	if (text.size == 0 || text.size > max_digits ||
	    !is_in(text, base == 16 ? HEX_DIGITS : DIGITS))
		return false;
	for (size_t i = 0; i < text.size; i++) {
		unsigned int digit = (unsigned char)text.data[i];

		digit = digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
		number = number * base + digit;
	}
	*ret = number;
	return true;
}

/* "METHOD target HTTP/1.1", with one space each. */
static void
read_request_line(struct text line, struct head *head)
{
	const char *first = memchr(line.data, ' ', line.size);
	const char *last = memrchr(line.data, ' ', line.size);
	struct text method, target, version;

	if (first == NULL || first == last) {
		head->problem = "the request's line is not a method, a path "
		    "and a version";
		return;
	}
	method = (struct text){line.data, (size_t)(first - line.data)};
	target = (struct text){first + 1, (size_t)(last - first - 1)};
	version = (struct text){last + 1,
	    (size_t)(line.data + line.size - last - 1)};
	if (method.size == 0 || !is_in(method, TOKEN_BYTES))
		head->problem = "the method is no token";
	else if (target.size == 0 || has_control(target) ||
	    memchr(target.data, ' ', target.size) != NULL ||
	    memchr(target.data, '\t', target.size) != NULL)
		head->problem = "the path has spaces or control characters";
	else if (memmem(target.data, target.size, "%00", 3) != NULL)
		head->problem = "the path has a zero byte";
	else if (version.size != 8 || (memcmp(version.data, "HTTP/1.1", 8) !=
	    0 && memcmp(version.data, "HTTP/1.0", 8) != 0))
		head->problem = "the version must be HTTP/1.1 or HTTP/1.0";
	else
		head->is_old = version.data[7] == '0';
}

static void
read_header(struct text name, struct text value, struct head *head)
{
	if (is_word(name, "Content-Length")) {
		head->n_lengths++;
		if (!read_number(value, 10, LENGTH_DIGITS_MAX, &head->length))
			head->problem =
			    "Content-Length: must be 1 to 18 digits";
	} else if (is_word(name, "Transfer-Encoding")) {
		head->n_encodings++;
		if (!is_word(value, "chunked"))
			head->problem =
			    "Transfer-Encoding: must be \"chunked\"";
	} else if (is_word(name, "Host")) {
		head->n_hosts++;
	}
}

static void
read_line(struct text line, struct head *head)
{
	const char *colon = memchr(line.data, ':', line.size);
	struct text name, value;

	if (line.data[0] == ' ' || line.data[0] == '\t') {
		head->problem = "a header goes on in a second line";
		return;
	}
	if (colon == NULL) {
		head->problem = "a header has no colon";
		return;
	}
	name = (struct text){line.data, (size_t)(colon - line.data)};
	value = (struct text){colon + 1, line.size - name.size - 1};
	while (value.size > 0 && *value.data == ' ')
		value = (struct text){value.data + 1, value.size - 1};
	if (name.size == 0 || !is_in(name, TOKEN_BYTES))
		head->problem = "a header's name is no token";
	else if (has_control(value))
		head->problem = "a header has control characters";
	else
		read_header(name, value, head);
}

static void
check_whole(struct head *head)
{
	if (head->n_lengths + head->n_encodings > 1)
		head->problem = "more than one header says where the body "
		    "ends";
	else if (head->is_old && head->n_encodings > 0)
		head->problem = "Transfer-Encoding: not in HTTP/1.0";
	else if (head->n_hosts > 1)
		head->problem = "more than one Host";
}

/* A head whose lines all end in CR LF, the last of them empty. */
static void
read_head(struct framing *framing, const char *data, size_t size)
{
	struct head head = {0};
	struct text line = {data, 0};
	bool is_first = true;

	while (head.problem == NULL) {
		const char *end = memchr(line.data, '\r',
		    (size_t)(data + size - line.data));

		line.size = (size_t)(end - line.data);
		if (line.size == 0)
			break;
		if (is_first)
			read_request_line(line, &head);
		else
			read_line(line, &head);
		is_first = false;
		line.data = end + 2;
	}
	if (head.problem == NULL)
		check_whole(&head);
	framing->problem = head.problem;
	framing->left = head.length;
	framing->state = head.n_encodings > 0 ? FRAMING_CHUNK_SIZE :
	    head.length > 0 ? FRAMING_BODY : FRAMING_HEAD;
}

/* A line end may be CR LF alone. */
static bool
is_break_bad(const char *data, size_t i)
{
	bool is_after_return = i > 0 && data[i - 1] == '\r';

	return (data[i] == '\n') != is_after_return;
}

static size_t
take_head(struct framing *framing, const char *data, size_t size)
{
	for (size_t i = framing->looked; i < size; i++) {
		if (is_break_bad(data, i)) {
			framing->problem = "a line does not end in CR LF";
			return 0;
		}
		if (i == 1 && data[i] == '\n') {
			framing->problem = "an empty line before the request";
			return 0;
		}
		if (i >= FRAMING_HEAD_MAX) {
			framing->problem = "the head is too long";
			return 0;
		}
		if (i < 3 || data[i] != '\n' || data[i - 2] != '\n')
			continue;
		framing->looked = 0;
		read_head(framing, data, i + 1);
		if (framing->problem != NULL) {
			framing->state = FRAMING_HEAD;
			return 0;
		}
		framing->n_requests++;
		return i + 1;
	}
	framing->looked = size;
	return 0;
}

/* Digits and CR LF; a chunk's extensions are nothing that anybody needs. */
static size_t
take_chunk_size(struct framing *framing, const char *data, size_t size)
{
	const size_t max = CHUNK_DIGITS_MAX + 2;
	const char *end = memchr(data, '\n', size < max ? size : max);
	size_t n;

	if (end == NULL) {
		if (size >= max)
			framing->problem = "a chunk's size is too long";
		return 0;
	}
	n = (size_t)(end - data);
	if (n < 2 || data[n - 1] != '\r' || !read_number(
	    (struct text){data, n - 1}, 16, CHUNK_DIGITS_MAX,
	    &framing->left)) {
		framing->problem = "a chunk's size must be 1 to 15 "
		    "hexadecimal digits and CR LF";
		return 0;
	}
	framing->state = framing->left > 0 ? FRAMING_CHUNK : FRAMING_LAST;
	return n + 1;
}

static size_t
take_break(struct framing *framing, const char *data, size_t size,
    enum framing_state next)
{
	if (data[0] != '\r' || (size > 1 && data[1] != '\n')) {
		framing->problem = framing->state == FRAMING_LAST ?
		    "a body must end with its last chunk" :
		    "a chunk is not as long as it says";
		return 0;
	}
	if (size < 2)
		return 0;
	framing->state = next;
	return 2;
}

void
framing_skip(struct framing *framing, size_t size)
{
	framing->left -= size;
	if (framing->left == 0)
		framing->state = framing->state == FRAMING_CHUNK ?
		    FRAMING_CHUNK_END : FRAMING_HEAD;
}

uint64_t
framing_free_bytes(const struct framing *framing)
{
	return framing->problem == NULL && (framing->state == FRAMING_BODY ||
	    framing->state == FRAMING_CHUNK) ? framing->left : 0;
}

size_t
framing_take_one(struct framing *framing, const char *data, size_t size)
{
	size_t n;

	switch (framing->state) {
	case FRAMING_HEAD:
		return take_head(framing, data, size);
	case FRAMING_BODY:
	case FRAMING_CHUNK:
		n = size < framing->left ? size : (size_t)framing->left;
		framing_skip(framing, n);
		return n;
	case FRAMING_CHUNK_SIZE:
		return take_chunk_size(framing, data, size);
	case FRAMING_CHUNK_END:
		return take_break(framing, data, size, FRAMING_CHUNK_SIZE);
	case FRAMING_LAST:
		return take_break(framing, data, size, FRAMING_HEAD);
	case N_FRAMING_STATE:
		break;
	}
	return 0;
}

size_t
framing_take(struct framing *framing, const char *data, size_t size)
{
	size_t used = 0, n = 1;

	while (n > 0 && used < size && framing->problem == NULL) {
		n = framing_take_one(framing, data + used, size - used);
		used += n;
	}
	return used;
}

const char *
framing_close(struct framing *framing)
{
	static const char *const rest[N_FRAMING_STATE] = {
	    [FRAMING_HEAD] = "GET / HTTP/1.0\r\n\r\n",
	    [FRAMING_CHUNK_SIZE] = "0\r\n\r\n",
	    [FRAMING_CHUNK_END] = "\r\n0\r\n\r\n",
	    [FRAMING_LAST] = "\r\n",
	};

	framing->n_requests += framing->state == FRAMING_HEAD;
	return rest[framing->state];
}
