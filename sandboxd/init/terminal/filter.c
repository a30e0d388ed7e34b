// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/terminal/filter.h"

#include <string.h>

enum { BEL = 0x07, CAN = 0x18, SUB = 0x1a, ESC = 0x1b, DEL = 0x7f };

#define VALUE_DIGITS 4 /* of FILTER_VALUE_MAX */
#define BAD	     SIZE_MAX

/*
 * Bytes of the valid UTF-8 character that data begins with (RFC 3629), 0 where
 * it may still become one, or BAD where its first byte belongs to none.
 */
static size_t
measure(const uint8_t *data, size_t size)
{
	uint8_t first = data[0], low = 0x80, high = 0xbf;
	size_t wanted = first < 0x80 ? 1 : first < 0xc2 ? BAD :
	    first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : BAD;

	if (wanted == BAD)
		return BAD;
	/* U+0080 to U+009F are controls, and no text. */
	if (first == 0xc2 || first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < wanted && i < size; i++) {
		if (data[i] < low || data[i] > high)
			return BAD;
		low = 0x80;
		high = 0xbf;
	}
	return size < wanted ? 0 : wanted;
}

static void
replace(const struct filter_sink *sink, void *user)
{
	static const uint8_t replacement[] = {0xef, 0xbf, 0xbd}; /* U+FFFD */

	sink->text(replacement, sizeof replacement, user);
}

/* A character that never got its end. */
static void
drop_character(struct filter *f, const struct filter_sink *sink, void *user)
{
	if (f->character_size > 0)
		replace(sink, user);
	f->character_size = 0;
}

/* Goes on with a character that was cut; the bytes of data it took. */
static size_t
join_character(struct filter *f, const uint8_t *data, size_t size,
    const struct filter_sink *sink, void *user)
{
	size_t taken = 0, bytes = 0;

	while (taken < size && f->character_size < sizeof f->character &&
	    bytes == 0) {
		f->character[f->character_size++] = data[taken++];
		bytes = measure(f->character, f->character_size);
	}
	if (bytes == BAD) {
		/* The last byte may be the first of another one. */
		drop_character(f, sink, user);
		return taken - 1;
	}
	if (bytes > 0) {
		sink->text(f->character, bytes, user);
		f->character_size = 0;
	}
	return taken;
}

/* Passes text on as valid UTF-8; what is cut at its end waits. */
static void
take_text(struct filter *f, const uint8_t *data, size_t size,
    const struct filter_sink *sink, void *user)
{
	size_t i = 0, start;

	if (f->character_size > 0)
		i = join_character(f, data, size, sink, user);
	for (start = i; i < size;) {
		size_t bytes = data[i] < 0x80 ? 1 : measure(data + i, size - i);

		if (bytes > 0 && bytes != BAD) {
			i += bytes;
			continue;
		}
		if (i > start)
			sink->text(data + start, i - start, user);
		if (bytes == 0) {
			f->character_size = size - i;
			memcpy(f->character, data + i, size - i);
			return;
		}
		replace(sink, user);
		start = ++i;
	}
	if (i > start)
		sink->text(data + start, i - start, user);
}

static void
begin(struct filter *f, enum filter_state state)
{
	f->state = state;
	f->size = 0;
	f->is_too_long = false;
}

static void
hold(struct filter *f, uint8_t byte, size_t max)
{
	if (f->size < max)
		f->held[f->size++] = byte;
	else
		f->is_too_long = true;
}

static bool
is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/*
 * Brings the values of a control sequence below the maximum, in place. False
 * where it has too many parameters.
 */
static bool
limit_parameters(struct filter *f)
{
	size_t n = 0, digits = 0, parameters = 1, first = 0;

	for (size_t i = 0; i < f->size; i++) {
		uint8_t byte = f->held[i];

		if (byte == ';' || byte == ':')
			parameters++;
		if (!is_digit(byte)) {
			digits = 0;
		} else if (digits == 0 && byte == '0' &&
		    i + 1 < f->size && is_digit(f->held[i + 1])) {
			continue; /* leading zeros */
		} else {
			if (digits == 0)
				first = n;
			if (++digits > VALUE_DIGITS) {
				memset(f->held + first, '9', VALUE_DIGITS);
				continue;
			}
		}
		f->held[n++] = byte;
	}
	f->size = n;
	return parameters <= FILTER_PARAMETERS_MAX;
}

/*
 * Whether libvterm sees the end of the sequence where it is: it takes ESC ( [
 * for CSI, and goes back to text at what it does not expect.
 */
static bool
is_regular(const struct filter *f)
{
	const char *text = (const char *)f->held + 1;

	if (f->state == FILTER_ESCAPE)
		return f->size == 2 || strchr("P[]", text[f->size - 2]) == NULL;
	text++;
	text += strspn(text, "<=>?");
	text += strspn(text, "0123456789;:");
	while (*text >= 0x20 && *text < 0x30)
		text++;
	return (const char *)f->held + f->size == text + 1;
}

static void
end_sequence(struct filter *f, const struct filter_sink *sink, void *user)
{
	bool is_good = !f->is_too_long && (f->state != FILTER_CONTROL ||
	    limit_parameters(f));

	f->held[f->size] = '\0';
	is_good = is_good && is_regular(f);
	f->state = FILTER_TEXT;
	if (is_good)
		sink->sequence(f->held, f->size, user);
}

static void
end_string(struct filter *f, const struct filter_sink *sink, void *user)
{
	f->state = FILTER_TEXT;
	if (!f->is_too_long)
		sink->string(f->kind, f->held, f->size, user);
}

static void
begin_escape(struct filter *f)
{
	begin(f, FILTER_ESCAPE);
	hold(f, ESC, FILTER_SEQUENCE_MAX);
}

static void
take_escape(struct filter *f, uint8_t byte, const struct filter_sink *sink,
    void *user)
{
	bool is_first = f->size == 1;

	if (is_first && byte != '\0' && strchr("P]X^_", byte) != NULL) {
		begin(f, FILTER_STRING);
		f->kind = (char)byte;
		return;
	}
	hold(f, byte, FILTER_SEQUENCE_MAX);
	if (is_first && byte == '[')
		f->state = FILTER_CONTROL;
	else if (byte >= 0x30 && byte < DEL)
		end_sequence(f, sink, user);
	else if (byte < 0x20 || byte >= DEL)
		f->state = FILTER_TEXT;
}

static void
take_control(struct filter *f, uint8_t byte, const struct filter_sink *sink,
    void *user)
{
	hold(f, byte, FILTER_SEQUENCE_MAX);
	if (byte >= 0x40 && byte < DEL)
		end_sequence(f, sink, user);
	else if (byte >= DEL)
		f->state = FILTER_TEXT;
}

/* A byte while something is being collected. */
static void
take_byte(struct filter *f, uint8_t byte, const struct filter_sink *sink,
    void *user)
{
	bool is_string = f->state == FILTER_STRING;

	if (f->state == FILTER_STRING_ESCAPE && byte == '\\') {
		end_string(f, sink, user);
		return;
	}
	if (f->state == FILTER_STRING_ESCAPE)
		begin_escape(f);
	if (byte == CAN || byte == SUB)
		f->state = FILTER_TEXT;
	else if (byte == ESC && is_string)
		f->state = FILTER_STRING_ESCAPE;
	else if (byte == ESC)
		begin_escape(f);
	else if (byte == BEL && is_string)
		end_string(f, sink, user);
	else if (is_string)
		hold(f, byte, FILTER_STRING_MAX);
	else if (byte < 0x20)
		sink->text(&byte, 1, user); /* done at once, in between */
	else if (f->state == FILTER_ESCAPE)
		take_escape(f, byte, sink, user);
	else
		take_control(f, byte, sink, user);
}

void
filter_write(struct filter *f, const uint8_t *data, size_t size,
    const struct filter_sink *sink, void *user)
{
	const uint8_t *end = data + size;

	while (data < end) {
		const uint8_t *escape;
		size_t n;

		if (f->state != FILTER_TEXT) {
			take_byte(f, *data++, sink, user);
			continue;
		}
		escape = memchr(data, ESC, (size_t)(end - data));
		n = (size_t)((escape != NULL ? escape : end) - data);
		take_text(f, data, n, sink, user);
		data += n;
		if (escape != NULL) {
			data++;
			drop_character(f, sink, user);
			begin_escape(f);
		}
	}
}
