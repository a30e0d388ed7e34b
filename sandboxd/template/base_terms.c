// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/template/base_terms.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sandboxd/template/base.h"

#define S	      "template"
#define FIELD(member) offsetof(struct base_terms, member)

static const struct conf_key keys[] = {
    {S, "default_user", CONF_STRING, FIELD(default_user), "", 0, 0, "",
	"whose sessions are, where none is named"},
    {S, "suite", CONF_STRING, FIELD(suite), "", 0, 0, "", "of Debian"},
    {S, "built", CONF_STRING, FIELD(built), "", 0, 0, "", "when"},
    {S, "nesting", CONF_BOOL, FIELD(is_nesting), "no", 0, 0, "",
	"whether what is made of it nests"},
};

int
base_terms_read(const char *state_dir, const char *name,
    struct base_terms *ret, struct err *err)
{
	char path[TEMPLATE_PATH_SIZE];
	int n = snprintf(path, sizeof path, "%s/templates/%s/template.conf",
	    state_dir, name);

	memset(ret, 0, sizeof *ret);
	if (n < 0 || n >= TEMPLATE_PATH_SIZE)
		return err_set(err, ENAMETOOLONG, "template %s: path too long",
		    name);
	if (access(path, F_OK) < 0)
		return 0;
	return conf_read(keys, sizeof keys / sizeof *keys, path, ret, err);
}
