// SPDX-License-Identifier: Apache-2.0
/*
 * Stands in for libFuzzer: gives every file of the corpora named as arguments
 * to LLVMFuzzerTestOneInput, and then every truncation of it and every byte of
 * it changed, so that a plain build tests what was once found.
 */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX   (64 * 1024)
#define CHANGES_MAX 400 /* per file: a corpus must not take minutes */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In a block of its own size, so that a sanitizer sees the first byte past. */
static void
give(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);

	if (copy == NULL)
		abort();
	if (size > 0)
		memcpy(copy, data, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void
give_damaged(uint8_t *data, size_t size)
{
	size_t step = size / CHANGES_MAX + 1;

	for (size_t i = 0; i < size; i += step) {
		uint8_t old = data[i];

		give(data, i);
		data[i] = (uint8_t)~old;
		give(data, size);
		data[i] = (uint8_t)(old + 1);
		give(data, size);
		data[i] = old;
	}
}

static int
replay_file(const char *path)
{
	static uint8_t data[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (file == NULL) {
		perror(path);
		return 1;
	}
	size = fread(data, 1, sizeof data, file);
	fclose(file);
	give(data, size);
	give_damaged(data, size);
	return 0;
}

static int
replay_directory(const char *path, unsigned *n)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	char file[PATH_MAX];
	int failed = 0;

	if (dir == NULL) {
		perror(path);
		return 1;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
		failed |= replay_file(file);
		(*n)++;
	}
	closedir(dir);
	return failed;
}

int
main(int argc, char **argv)
{
	unsigned n = 0;
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= replay_directory(argv[i], &n);
	if (n == 0) {
		fprintf(stderr, "usage: %s corpus ...\n", argv[0]);
		return 1;
	}
	printf("%u inputs\n", n);
	return failed;
}
