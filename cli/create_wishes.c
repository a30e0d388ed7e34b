// SPDX-License-Identifier: Apache-2.0
#include "cli/create_wishes.h"

#include <errno.h>
#include <stdio.h>

#include "cli/api.h"
#include "cli/egress.h"
#include "cli/pairs.h"
#include "cli/policy.h"

#define DISKS_SIZE 512

/* A rate is that of either direction. */
static int
add_limits(json_t *policy, const struct create_wishes *wishes,
    struct err *err)
{
	static const char *const ways[] = {"out", "in"};
	json_t *limits = json_object();
	char word[64];
	int r = 0;

	for (size_t i = 0; r == 0 && wishes->rate != NULL && i < 2; i++) {
		snprintf(word, sizeof word, "%s=%.50s", ways[i],
		    wishes->rate);
		r = egress_add_limit(limits, word, err);
	}
	for (size_t i = 0; r == 0 && i < wishes->egress_limits.n; i++)
		r = egress_add_limit(limits, wishes->egress_limits.items[i],
		    err);
	json_object_set_new(policy, "limits", limits);
	return r;
}

static int
add_policy(const struct cli *cli, json_t *body,
    const struct create_wishes *wishes, struct err *err)
{
	struct err inner = {0};
	json_t *policy = NULL;
	int r;

	if (wishes->egress != NULL && (policy = policy_read(cli,
	    wishes->egress, false, &inner)) == NULL)
		return err_set(err, EINVAL, "--egress: %.200s", inner.text);
	if (policy != NULL)
		json_object_set_new(body, "egress", policy);
	if (wishes->rate == NULL && wishes->egress_limits.n == 0)
		return 0;
	if (policy == NULL) {
		policy = json_object();
		json_object_set_new(body, "egress", policy);
	}
	r = add_limits(policy, wishes, &inner);
	return r < 0 ? err_set(err, -r, "--egress-%s: %.200s",
	    wishes->egress_limits.n > 0 ? "limit" : "rate", inner.text) : 0;
}

/* "DISK:/PATH[:ro]", all in one text. */
static int
add_disks(json_t *body, const struct option_list *disks, struct err *err)
{
	char text[DISKS_SIZE] = "";
	size_t used = 0;

	for (size_t i = 0; i < disks->n; i++) {
		const int n = snprintf(text + used, sizeof text - used, "%s%s",
		    i > 0 ? "," : "", disks->items[i]);

		if (n < 0 || (size_t)n >= sizeof text - used)
			return err_set(err, EINVAL, "--mount: more than %d "
			    "bytes in all", DISKS_SIZE - 1);
		used += (size_t)n;
	}
	return disks->n == 0 ? 0 : api_add_text(body, "disks", text, err);
}

int
create_wishes_add(const struct cli *cli, const struct create_wishes *wishes,
    json_t *body, struct err *err)
{
	int r;

	if ((r = api_add_text(body, "template", wishes->template_name,
	    err)) < 0 ||
	    (r = api_add_text(body, "image", wishes->image, err)) < 0 ||
	    (r = api_add_text(body, "snapshot", wishes->snapshot, err)) < 0 ||
	    (r = api_add_text(body, "name", wishes->name, err)) < 0 ||
	    (r = limit_wishes_add(&wishes->limits, body, err)) < 0 ||
	    (r = time_wishes_add(&wishes->time, body, err)) < 0 ||
	    (r = add_disks(body, &wishes->disks, err)) < 0 ||
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
