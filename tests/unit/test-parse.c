// SPDX-License-Identifier: Apache-2.0
#include "common/parse.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static void
test_sizes(void)
{
	uint64_t n;

	assert(parse_size("0", &n) == 0 && n == 0);
	assert(parse_size("512M", &n) == 0 && n == 512u << 20);
	assert(parse_size("18446744073709551615", &n) == 0);
	assert(parse_size("18446744073709551616", &n) < 0);
	assert(parse_size("99999999999T", &n) < 0);
	assert(parse_size("", &n) < 0 && parse_size("M", &n) < 0);
	assert(parse_size("1MB", &n) < 0 && parse_size("-1", &n) < 0);
	assert(parse_size(" 1", &n) < 0 && parse_size("1 ", &n) < 0);
}

static void
test_seconds(void)
{
	uint64_t n;

	assert(parse_seconds("90", &n) == 0 && n == 90);
	assert(parse_seconds("2h", &n) == 0 && n == 7200);
	assert(parse_seconds("2w", &n) < 0);
}

static void
test_ids(void)
{
	static const struct {
		const char *text;
		bool is_valid;
	} rows[] = {
	    {"sb_k3v9x2m7q4tz", true},
	    {"sb_0123456789abcdefghjkmnpqrstv", true},
	    {"sb_0123456789abcdefghjkmnpqrstvw", false},
	    {"sb_k3v9x2m7q4t", false},
	    {"sb_K3v9x2m7q4tz", false},
	    {"sb_k3v9x2m7q4ti", false},
	    {"sb_k3v9x2m7q4t/", false},
	    {"sx_k3v9x2m7q4tz", false},
	    {"", false},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert(sandbox_id_is_valid(rows[i].text) == rows[i].is_valid);
}

static void
test_spelling(void)
{
	static const char *const rows[][2] = {
	    {"sb-k3v9x2m7q4tz", "sb_k3v9x2m7q4tz"},
	    {"sb_k3v9x2m7q4tz", "sb_k3v9x2m7q4tz"},
	    {"sb-k3v9x2m7q4t", "sb-k3v9x2m7q4t"},
	    {"sb-mine", "sb-mine"},
	    {"sn-k3v9x2m7q4tz", "sn-k3v9x2m7q4tz"},
	    {"", ""},
	};

	char host[SANDBOX_ID_SIZE];

	sandbox_id_spell("sb_0123456789abcdefghjkmnpqrstv", host);
	assert(strcmp(host, "sb-0123456789abcdefghjkmnpqrstv") == 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[SANDBOX_ID_SIZE];

		snprintf(text, sizeof text, "%s", rows[i][0]);
		sandbox_id_respell(text);
		assert(strcmp(text, rows[i][1]) == 0);
	}
}

static void
test_names(void)
{
	assert(name_is_valid("base") && name_is_valid("a.b-c_1"));
	assert(!name_is_valid("") && !name_is_valid(".."));
	assert(!name_is_valid("-a") && !name_is_valid("a/b"));
	assert(!name_is_valid("Base"));
}

int
main(void)
{
	test_sizes();
	test_seconds();
	test_ids();
	test_spelling();
	test_names();
	return 0;
}
