// SPDX-License-Identifier: Apache-2.0
/*
 * Runs a fuzz target over the files named, or all files of the folders named,
 * where there is no libFuzzer: a corpus is a regression test.
 */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define INPUT_MAX_BYTES (1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	size_t n;

	if (file == NULL) {
		perror(path);
		return 1;
	}
	data = malloc(INPUT_MAX_BYTES);
	if (data == NULL)
		abort();
	n = fread(data, 1, INPUT_MAX_BYTES, file);
	fclose(file);
	/* An allocation of exactly its size lets ASan see every overrun. */
	data = realloc(data, n > 0 ? n : 1);
	if (data == NULL)
		abort();
	(void)LLVMFuzzerTestOneInput(data, n);
	free(data);
	return 0;
}

static int
replay(const char *path)
{
	char name[PATH_MAX];
	struct dirent *entry;
	struct stat st;
	int n = 0, failed = 0;
	DIR *dir;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return replay_file(path);
	dir = opendir(path);
	if (dir == NULL) {
		perror(path);
		return 1;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		failed |= replay_file(name);
		n++;
	}
	closedir(dir);
	printf("%s: %d inputs\n", path, n);
	return failed | (n == 0);
}

int
main(int argc, char **argv)
{
	int failed = argc < 2;

	for (int i = 1; i < argc; i++)
		failed |= replay(argv[i]);
	return failed;
}
