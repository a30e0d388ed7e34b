// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/missing.h"

#include <assert.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_explained(const char *command, const char *shell, const char *path)
{
	char *text;
	bool is;

	assert(missing_explain(command, shell, path, &text) == 0);
	is = text != NULL;
	/* The command itself still follows. */
	assert(!is || strcmp(strchr(text, '\n') + 1, command) == 0);
	free(text);
	return is;
}

int
main(void)
{
	static const char *const explained[] = {"rsync --server . x",
	    "  rsync\t--server", "git-upload-pack 'a'", "git-receive-pack a",
	    "git-upload-archive a"};
	static const char *const others[] = {"rsync a b", "rsync", "rsyncd",
	    "git-upload-packx", "/opt/rsync --server", "echo rsync --server",
	    "git status", "", " "};
	char folder[] = "/tmp/test-missing-XXXXXX", file[64], path[128];

	for (size_t i = 0; i < sizeof explained / sizeof *explained; i++)
		assert(is_explained(explained[i], "bash", "/none:/none2"));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert(!is_explained(others[i], "bash", ""));
	assert(!is_explained(explained[0], "fish", ""));

	assert(mkdtemp(folder) != NULL);
	snprintf(file, sizeof file, "%s/rsync", folder);
	snprintf(path, sizeof path, "/none:%s", folder);
	assert(is_explained(explained[0], "sh", path));
	assert(close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644)) == 0);
	assert(is_explained(explained[0], "sh", path)); /* no program */
	assert(chmod(file, 0755) == 0);
	assert(!is_explained(explained[0], "sh", path));
	assert(unlink(file) == 0 && rmdir(folder) == 0);
	return 0;
}
