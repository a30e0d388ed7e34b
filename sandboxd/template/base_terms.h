// SPDX-License-Identifier: Apache-2.0
/* What a base's own file says, template.conf beside its rootfs. */
#pragma once

#include <stdbool.h>

#include "common/conf.h"
#include "common/err.h"

struct base_terms {
	char default_user[CONF_STRING_SIZE], suite[CONF_STRING_SIZE],
	    built[CONF_STRING_SIZE];
	bool is_nesting; /* what is made of it nests */
};

/* Reads it; a base without that file says nothing. 0 or -errno. */
int base_terms_read(const char *state_dir, const char *name,
    struct base_terms *ret, struct err *err);
