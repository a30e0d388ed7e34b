// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/pool_plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/conf.h"
#include "common/parse.h"

static int
refuse(const char *word, struct err *err)
{
	return err_set(err, EINVAL, "pool: \"%s\" is not TEMPLATE:NUMBER, a "
	    "number from 0 to %d, each template once and %d of them at most",
	    word, POOL_WANTED_MAX, POOL_TEMPLATES_MAX);
}

static int
read_number(const char *text, uint32_t *ret)
{
	unsigned long value;

	if (text[0] == '\0' || strlen(text) > 4 ||
	    strspn(text, "0123456789") != strlen(text))
		return -EINVAL;
	value = strtoul(text, NULL, 10);
	if (value > POOL_WANTED_MAX)
		return -EINVAL;
	*ret = (uint32_t)value;
	return 0;
}

static size_t
find(const struct pool_plan *plan, const char *name)
{
	size_t i = 0;

	while (i < plan->n && strcmp(plan->rows[i].template_name, name) != 0)
		i++;
	return i;
}

bool
pool_plan_find(const struct pool_plan *plan, const char *template_name,
    uint32_t *ret_wanted)
{
	const size_t i = find(plan, template_name);

	if (i < plan->n)
		*ret_wanted = plan->rows[i].wanted;
	return i < plan->n;
}

int
pool_plan_set(struct pool_plan *plan, const char *template_name,
    uint32_t wanted, struct err *err)
{
	const size_t i = find(plan, template_name);
	struct pool_want *row = &plan->rows[i];

	if (wanted == POOL_UNSAID && i < plan->n) {
		*row = plan->rows[--plan->n];
		return 0;
	}
	if (wanted == POOL_UNSAID)
		return 0;
	if (i == POOL_TEMPLATES_MAX)
		return err_set(err, ENOSPC, "pool: %d templates have a size of "
		    "their own already, and no more may; reset one",
		    POOL_TEMPLATES_MAX);
	if (i == plan->n)
		plan->n++;
	snprintf(row->template_name, sizeof row->template_name, "%s",
	    template_name);
	row->wanted = wanted;
	return 0;
}

/* The word is cut in two. */
static int
read_row(char *word, struct pool_plan *plan)
{
	struct pool_want *row = &plan->rows[plan->n];
	char *colon = strchr(word, ':');

	if (colon == NULL || plan->n == POOL_TEMPLATES_MAX)
		return -EINVAL;
	*colon = '\0';
	if (!name_is_valid(word) || find(plan, word) < plan->n)
		return -EINVAL;
	snprintf(row->template_name, sizeof row->template_name, "%.63s",
	    word);
	if (read_number(colon + 1, &row->wanted) < 0)
		return -EINVAL;
	plan->n++;
	return 0;
}

int
pool_plan_read(const char *text, struct pool_plan *ret, struct err *err)
{
	char copy[CONF_STRING_SIZE], *rest = copy, *word;

	snprintf(copy, sizeof copy, "%s", text);
	memset(ret, 0, sizeof *ret);
	while ((word = strsep(&rest, " ")) != NULL) {
		char whole[CONF_STRING_SIZE];

		if (*word == '\0')
			continue;
		snprintf(whole, sizeof whole, "%s", word);
		if (read_row(word, ret) < 0)
			return refuse(whole, err);
	}
	return 0;
}

uint32_t
pool_plan_room(uint32_t max, uint32_t others)
{
	const uint32_t left = max / POOL_LEAVE_PARTS > 0 ?
	    max / POOL_LEAVE_PARTS : 1;

	return others + left >= max ? 0 : max - left - others;
}
