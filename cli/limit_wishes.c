// SPDX-License-Identifier: Apache-2.0
#include "cli/limit_wishes.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/api.h"
#include "common/parse.h"

static int
add_numbers(json_t *body, const struct limit_wishes *wishes, struct err *err)
{
	uint64_t pids;
	double cpus;
	char *end;

	if (wishes->pids != NULL) {
		if (parse_u64(wishes->pids, &pids) < 0 || pids > INT32_MAX)
			return err_set(err, EINVAL,
			    "--pids: \"%s\" is not a whole number",
			    wishes->pids);
		json_object_set_new(body, "pids",
		    json_integer((json_int_t)pids));
	}
	if (wishes->cpus != NULL) {
		cpus = strtod(wishes->cpus, &end);
		if (end == wishes->cpus || *end != '\0' || !(cpus > 0))
			return err_set(err, EINVAL,
			    "--cpus: \"%s\" is not a number such as 0.5 or 2",
			    wishes->cpus);
		json_object_set_new(body, "cpu", json_real(cpus));
	}
	return 0;
}

int
limit_wishes_add(const struct limit_wishes *wishes, json_t *body,
    struct err *err)
{
	int r;

	if ((r = api_add_text(body, "size", wishes->size, err)) < 0 ||
	    (r = api_add_text(body, "memory", wishes->memory, err)) < 0 ||
	    (r = api_add_text(body, "disk", wishes->disk, err)) < 0)
		return r;
	return add_numbers(body, wishes, err);
}
