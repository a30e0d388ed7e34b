// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/missing.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What the first words of a command must be, and the package to install. */
static const struct tool {
	const char *program, *argument; /* "" = whatever follows */
	const char *package;
} tools[] = {
    {"rsync", "--server", "rsync"},
    {"git-receive-pack", "", "git"},
    {"git-upload-archive", "", "git"},
    {"git-upload-pack", "", "git"},
};

/* The first that the image has is what its packages are installed with. */
static const struct manager {
	const char *program, *install;
} managers[] = {
    {"apt-get", "apt-get update && apt-get install -y"},
    {"apk", "apk add"},
    {"dnf", "dnf install -y"},
    {"microdnf", "microdnf install -y"},
    {"yum", "yum install -y"},
    {"zypper", "zypper install -y"},
    {"pacman", "pacman -Sy --noconfirm"},
    {"xbps-install", "xbps-install -Sy"},
    {"opkg", "opkg update && opkg install"},
    {"nix-env", "nix-env -i"},
};

static const char manager_path[] = "/usr/bin:/bin:/usr/sbin:/sbin:"
    "/usr/local/bin:/nix/var/nix/profiles/default/bin";

bool
missing_has(const char *program, const char *path)
{
	char file[PATH_MAX];
	struct stat st;
	int size;

	for (; *path != '\0'; path += size + (path[size] == ':')) {
		size = (int)strcspn(path, ":");
		if (snprintf(file, sizeof file, "%.*s/%s", size, path,
		    program) < (int)sizeof file && stat(file, &st) == 0 &&
		    S_ISREG(st.st_mode) && (st.st_mode & 0111) != 0)
			return true;
	}
	return false;
}

/* Whether p begins with a word; *ret_rest is then what follows it. */
static bool
begins_with(const char *p, const char *word, const char **ret_rest)
{
	size_t size = strlen(word);

	p += strspn(p, " \t");
	if (strncmp(p, word, size) != 0 || strchr(" \t", p[size]) == NULL)
		return false;
	*ret_rest = p + size;
	return true;
}

static const struct tool *
find_tool(const char *command)
{
	const char *rest;

	for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
		if (begins_with(command, tools[i].program, &rest) &&
		    (tools[i].argument[0] == '\0' ||
		    begins_with(rest, tools[i].argument, &rest)))
			return &tools[i];
	return NULL;
}

/* Shells that read what missing_explain writes. */
static bool
is_known_shell(const char *name)
{
	static const char *const names[] = {"sh", "ash", "bash", "dash", "ksh",
	    "mksh", "zsh"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static const char *
find_install(void)
{
	for (size_t i = 0; i < sizeof managers / sizeof *managers; i++)
		if (missing_has(managers[i].program, manager_path))
			return managers[i].install;
	return NULL;
}

int
missing_explain(const char *command, const char *shell, const char *path,
    char **ret_text)
{
	const struct tool *tool = find_tool(command);
	const char *install;
	char advice[256];

	*ret_text = NULL;
	if (tool == NULL || !is_known_shell(shell) ||
	    missing_has(tool->program, path))
		return 0;
	install = find_install();
	if (install != NULL)
		snprintf(advice, sizeof advice, "as its root: %s %s", install,
		    tool->package);
	else
		snprintf(advice, sizeof advice, "its image has no package "
		    "manager; scp and sftp need nothing installed");
	/* No quotes in what is put between quotes: all of it is ours. */
	if (asprintf(ret_text, "command -v %s >/dev/null 2>&1 || { printf "
	    "\"%%s\\n\" \"sandgate: this sandbox has no %s; %s\" >&2; "
	    "exit 127; }\n%s", tool->program, tool->package, advice,
	    command) < 0) {
		*ret_text = NULL;
		return -ENOMEM;
	}
	return 0;
}
