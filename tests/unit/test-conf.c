// SPDX-License-Identifier: Apache-2.0
#include "common/conf.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
	char dir[CONF_STRING_SIZE];
	uint64_t limit_bytes;
	uint64_t grace_s;
	bool verbose;
};

static const struct conf_key keys[] = {
    {"d", "dir", CONF_STRING, offsetof(struct settings, dir), "/run", 0, 0, "",
	"where"},
    {"d", "limit", CONF_SIZE, offsetof(struct settings, limit_bytes), "1M",
	1024, 1 << 30, "bytes", "how much"},
    {"d", "grace", CONF_SECONDS, offsetof(struct settings, grace_s), "2m", 1,
	3600, "seconds", "how long"},
    {"d", "verbose", CONF_BOOL, offsetof(struct settings, verbose), "no", 0, 0,
	"", "whether"},
};
#define N_KEYS (sizeof keys / sizeof *keys)

static int
read_text(const char *text, struct settings *settings, struct err *err)
{
	char path[] = "/tmp/test-conf-XXXXXX";
	int fd = mkstemp(path), r;

	assert(fd >= 0);
	assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	r = conf_read(keys, N_KEYS, path, settings, err);
	unlink(path);
	return r;
}

/* A line that inih would cut in two is refused, a comment as well. */
static void
test_long_lines(void)
{
	struct settings s;
	struct err err = {0};
	char text[512], filler[256];

	memset(filler, 'x', sizeof filler - 1);
	filler[sizeof filler - 1] = '\0';
	snprintf(text, sizeof text, "[d]\ndir = /%.190s\n", filler);
	assert(read_text(text, &s, &err) == 0 && strlen(s.dir) == 191);
	snprintf(text, sizeof text, "[d]\n;%s limit = 2M\n", filler);
	assert(read_text(text, &s, &err) < 0);
	assert(strstr(err.text, ":2: longer than 198 characters"));
}

int
main(void)
{
	struct settings s;
	struct err err = {0};

	assert(conf_read(keys, N_KEYS, NULL, &s, &err) == 0);
	assert(strcmp(s.dir, "/run") == 0 && s.limit_bytes == 1 << 20);
	assert(s.grace_s == 120 && !s.verbose);

	assert(read_text("[d]\nlimit = 2M\nverbose = yes\n[x]\nany = 1\n", &s,
	    &err) == 0);
	assert(s.limit_bytes == 2 << 20 && s.verbose);

	assert(read_text("[d]\nlimit = 1\n", &s, &err) < 0);
	assert(strstr(err.text, ":2: limit: \"1\" is not a number from 1024"));
	assert(read_text("[d]\nlimti = 1\n", &s, &err) < 0);
	assert(strstr(err.text, "limti: no such key in [d]"));
	assert(read_text("[d]\nverbose = maybe\n", &s, &err) < 0);
	assert(read_text("[d]\nnonsense\n", &s, &err) < 0);
	test_long_lines();
	assert(conf_read(keys, N_KEYS, "/nonexistent", &s, &err) < 0);
	assert(strstr(err.text, "/nonexistent"));
	return 0;
}
