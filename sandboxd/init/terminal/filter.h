// SPDX-License-Identifier: Apache-2.0
/*
 * Stands between programs' output and libvterm 0.1, which loses strings that
 * come in pieces, writes past its arrays for too many parameters and for UTF-8
 * that goes on after a cut, and adds parameters up as they are. What comes out
 * here are text in whole characters of valid UTF-8, and whole control sequences
 * of bounded length, number of parameters and values (ECMA-48, section 5).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILTER_SEQUENCE_MAX   128
#define FILTER_STRING_MAX     4096
#define FILTER_PARAMETERS_MAX 15
#define FILTER_VALUE_MAX      9999

enum filter_state {
	FILTER_TEXT,
	FILTER_ESCAPE,	     /* ESC and intermediate bytes */
	FILTER_CONTROL,	     /* CSI ... */
	FILTER_STRING,	     /* OSC, DCS, SOS, PM, APC ... */
	FILTER_STRING_ESCAPE /* ... and ESC, perhaps of ST */
};

/* What comes out; data is not kept. */
struct filter_sink {
	/* Text and C0 controls, one byte at least; never ESC. */
	void (*text)(const uint8_t *data, size_t size, void *user);
	/* A sequence from ESC to its final byte, and a NUL after it. */
	void (*sequence)(const uint8_t *data, size_t size, void *user);
	/* A string: what follows ESC and `kind` (']', 'P', ...), without ST. */
	void (*string)(char kind, const uint8_t *data, size_t size,
	    void *user);
};

struct filter {
	enum filter_state state;
	char kind;	  /* of the string */
	bool is_too_long; /* the sequence or string is to be dropped */
	uint8_t character[4]; /* the begin of one */
	size_t character_size;
	size_t size;
	uint8_t held[FILTER_STRING_MAX];
};

/* Takes output in any pieces; a zeroed filter is one at its beginning. */
void filter_write(struct filter *filter, const uint8_t *data, size_t size,
    const struct filter_sink *sink, void *user);
