// SPDX-License-Identifier: Apache-2.0
/* Checks for tests that need root: each names its place and goes on, so that
 * what was made is taken away again; main returns check_result(). */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TEST_SKIPPED 77

static int n_failed_checks __attribute__((unused));

/* Counts a failure unless `is_true`; the words say what was expected. */
#define CHECK(is_true, ...) check((is_true), __FILE__, __LINE__, __VA_ARGS__)

__attribute__((format(printf, 4, 5), unused)) static bool
check(bool is_true, const char *file, int line, const char *fmt, ...)
{
	__builtin_va_list args;

	if (is_true)
		return true;
	n_failed_checks++;
	(void)fprintf(stderr, "%s:%d: failed: ", file, line);
	__builtin_va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	__builtin_va_end(args);
	(void)fputc('\n', stderr);
	return false;
}

__attribute__((unused)) static void
skip_unless_root(void)
{
	if (geteuid() == 0)
		return;
	(void)fprintf(stderr, "skipped: needs root\n");
	exit(TEST_SKIPPED);
}

__attribute__((unused)) static int
check_result(void)
{
	if (n_failed_checks > 0)
		(void)fprintf(stderr, "%d checks failed\n", n_failed_checks);
	return n_failed_checks > 0;
}
