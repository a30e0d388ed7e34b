// SPDX-License-Identifier: Apache-2.0
#include "cli/pairs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE 256 /* the API refuses shorter ones in its own words */

static int
add(json_t *object, const char *member, const char *item, bool is_from_here,
    struct err *err)
{
	const size_t n = strcspn(item, "=");
	const char *value = item[n] == '=' ? item + n + 1 : NULL;
	char name[NAME_SIZE];

	if (n == 0 || n >= sizeof name || (value == NULL && !is_from_here))
		return err_set(err, EINVAL,
		    "--%s: \"%.60s\" is not NAME=VALUE", member, item);
	memcpy(name, item, n);
	name[n] = '\0';
	if (value == NULL && (value = getenv(name)) == NULL)
		return err_set(err, EINVAL, "--%s: %s is not set here",
		    member, name);
	if (json_object_set_new(object, name, json_string(value)) < 0)
		return err_set(err, EINVAL, "--%s: %s is not UTF-8", member,
		    name);
	return 0;
}

int
pairs_add(json_t *body, const char *member, const struct option_list *list,
    bool is_from_here, struct err *err)
{
	json_t *object;
	int r = 0;

	if (list->n == 0)
		return 0;
	object = json_object();
	(void)json_object_set_new(body, member, object);
	for (size_t i = 0; i < list->n && r == 0; i++)
		r = add(object, member, list->items[i], is_from_here, err);
	return r;
}
