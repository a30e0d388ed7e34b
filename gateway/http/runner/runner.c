// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/runner/runner.h"

#include <string.h>

/* Files of the source, one after the other, as a string; RUNNER_FOLDER is where
 * they are. */
#define FILE_OF(file) ".incbin \"" RUNNER_FOLDER "/" file "\"\n"
#define EMBED(name, files)                                                     \
	extern const char name[];                                              \
	__asm__(".pushsection .rodata\n.global " #name "\n" #name ":\n"        \
		files ".byte 0\n.popsection\n")

EMBED(runner_python, FILE_OF("charts.py") FILE_OF("notebook.py")
	FILE_OF("python.py"));
EMBED(runner_node, FILE_OF("node.js"));
EMBED(runner_bash, FILE_OF("bash.sh"));
EMBED(runner_turns, FILE_OF("turns.sh"));
EMBED(runner_image, FILE_OF("image.py"));

const struct runner runners[] = {
    {"python", {"python3", "-u", "-c", runner_python, NULL}, runner_python,
	"", NULL},
    {"node", {"node", "-e", runner_node, NULL}, runner_node, "", NULL},
    {"bash", {"bash", "--noprofile", "--norc", "--noediting", "-i", NULL},
	runner_bash,
	"; [ -z \"$__sg_run\" ] || eval \"$__sg_c\" 3>&- </dev/null", "PS1="},
};
const size_t n_runners = sizeof runners / sizeof *runners;

const struct runner *
runner_find(const char *language)
{
	for (size_t i = 0; i < n_runners; i++)
		if (strcmp(runners[i].language, language) == 0)
			return &runners[i];
	return NULL;
}
