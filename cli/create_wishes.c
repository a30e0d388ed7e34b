// SPDX-License-Identifier: Apache-2.0
#include "cli/create_wishes.h"

#include <errno.h>

#include "cli/api.h"
#include "cli/pairs.h"
#include "cli/policy.h"

static int
add_policy(const struct cli *cli, json_t *body,
    const struct create_wishes *wishes, struct err *err)
{
	struct err inner = {0};
	json_t *policy;

	if (wishes->egress == NULL)
		return 0;
	policy = policy_read(cli, wishes->egress, &inner);
	if (policy == NULL)
		return err_set(err, EINVAL, "--egress: %.200s", inner.text);
	json_object_set_new(body, "egress", policy);
	return 0;
}

int
create_wishes_add(const struct cli *cli, const struct create_wishes *wishes,
    json_t *body, struct err *err)
{
	int r;

	if ((r = api_add_text(body, "template", wishes->template_name,
	    err)) < 0 ||
	    (r = api_add_text(body, "snapshot", wishes->snapshot, err)) < 0 ||
	    (r = api_add_text(body, "name", wishes->name, err)) < 0 ||
	    (r = limit_wishes_add(&wishes->limits, body, err)) < 0 ||
	    (r = time_wishes_add(&wishes->time, body, err)) < 0 ||
	    (r = add_policy(cli, body, wishes, err)) < 0)
		return r;
	if (wishes->is_ephemeral)
		json_object_set_new(body, "ephemeral", json_true());
	if (wishes->is_private)
		json_object_set_new(body, "private", json_true());
	if (wishes->is_nesting)
		json_object_set_new(body, "nesting", json_true());
	if (wishes->is_resumed_by_hand)
		json_object_set_new(body, "auto_resume", json_false());
	if ((r = pairs_add(body, "metadata", &wishes->metadata, false,
	    err)) < 0 || (r = pairs_add(body, "labels", &wishes->labels, false,
	    err)) < 0 || (r = api_add_text(body, "mode", wishes->mode,
	    err)) < 0)
		return r;
	return pairs_add(body, "env", &wishes->env, true, err);
}
