// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/terminal/filter.h"

#include <string.h>

enum { BEL = 0x07, CAN = 0x18, SUB = 0x1a, ESC = 0x1b, DEL = 0x7f };

#define VALUE_DIGITS 4 /* of FILTER_VALUE_MAX */

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

static void
end_sequence(struct filter *f, const struct filter_sink *sink, void *user)
{
	bool is_good = !f->is_too_long && (f->state != FILTER_CONTROL ||
	    limit_parameters(f));

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
		if (n > 0)
			sink->text(data, n, user);
		data += n;
		if (escape != NULL) {
			data++;
			begin_escape(f);
		}
	}
}
