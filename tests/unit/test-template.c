// SPDX-License-Identifier: Apache-2.0
/* Versions of templates: what a name leads to, and what a version inherits. */
#include "sandboxd/template/template.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct template_table table;

static struct template *
add(const char *id, const char *org, const char *name, const char *parent_id,
    const struct rpc_template_settings *settings)
{
	static uint64_t now_ms;
	uint8_t encoded[1024];
	struct rpc_template_kept kept = {.id = id, .name = name, .org = org,
	    .parent_id = parent_id, .parent = "base", .base_version = "",
	    .owner = "", .created_ms = ++now_ms};
	struct template *template = NULL;
	char *data = malloc(2048);
	struct err err = {0};
	ptrdiff_t n = rpc_encode(&rpc_layout_template_settings, settings,
	    encoded, sizeof encoded);

	assert(data != NULL && n > 0);
	kept.settings = (struct rpc_bytes){encoded, (uint32_t)n};
	n = rpc_encode(&rpc_layout_template_kept, &kept, (uint8_t *)data,
	    2048);
	assert(n > 0);
	if (template_add(&table, data, (size_t)n, &template, &err) < 0)
		free(data);
	return template;
}

static void
test_names(void)
{
	static const struct rpc_template_settings nothing = {.user = "",
	    .workdir = ""};
	struct template *own = add("tv_1", "acme", "tools", "", &nothing);
	struct template *shared = add("tv_2", "", "tools", "", &nothing);
	struct template *foreign = add("tv_3", "evil", "more", "", &nothing);

	assert(template_current(&table, "acme", "tools") == NULL);
	assert(template_named(&table, "acme", "tv_1") == NULL);
	own->is_current = shared->is_current = foreign->is_current = true;
	assert(template_current(&table, "acme", "tools") == own);
	assert(template_current(&table, "other", "tools") == shared);
	assert(template_current(&table, "acme", "more") == NULL);
	assert(template_own(&table, "evil", "tools") == NULL);
	assert(template_find(&table, "tv_3") == foreign);
	assert(template_named(&table, "acme", "tools") == own);
	assert(template_named(&table, "acme", "tv_1") == own);
	assert(template_named(&table, "acme", "tv_2") == shared);
	assert(template_named(&table, "acme", "tv_3") == NULL);
	assert(template_named(&table, "acme", "tv_0") == NULL);
	shared->is_going = true;
	assert(template_named(&table, "acme", "tv_2") == NULL);
	shared->is_going = false;
	template_remove(&table, own);
	assert(template_current(&table, "acme", "tools") == shared);
	assert(add("tv_4", "", "a", "", &nothing) == table.items[0]);
	assert(add("tv_5", "", "z", "", &nothing) == NULL);
}

/* One that was kept before there was a pool_size; what is cut is none. */
static void
test_older(void)
{
	const struct rpc_template_settings settings = {.user = "worker",
	    .workdir = "", .pids_limit = 7, .pool_size = 3};
	struct rpc_template_settings read;
	uint8_t encoded[1024];
	ptrdiff_t n = rpc_encode(&rpc_layout_template_settings, &settings,
	    encoded, sizeof encoded);

	assert(n > 5);
	assert(rpc_decode_kept(&rpc_layout_template_settings, encoded,
	    (size_t)n, &read) == 0 && read.pool_size == 3);
	assert(rpc_decode_kept(&rpc_layout_template_settings, encoded,
	    (size_t)n - 5, &read) == 0 && read.pool_size == 0 &&
	    read.pids_limit == 7 && strcmp(read.user, "worker") == 0);
	assert(rpc_decode_kept(&rpc_layout_template_settings, encoded,
	    (size_t)n - 6, &read) == -EBADMSG);
	assert(rpc_decode_kept(&rpc_layout_template_settings, encoded, 0,
	    &read) == -EBADMSG);
}

static void
test_inheritance(void)
{
	const struct rpc_template_settings below = {.user = "worker",
	    .workdir = "/srv", .memory_limit_bytes = 5, .pids_limit = 7,
	    .env = {"A=1\0B=1", 8, 2}}, above = {.user = "",
	    .workdir = "/app", .memory_limit_bytes = 6,
	    .env = {"B=2", 4, 1}};
	struct template *parent = add("tv_1", "", "below", "", &below);
	struct template *child = add("tv_2", "", "above", "tv_1", &above);
	struct rpc_template_settings all;
	struct err err = {0};
	char *env;

	assert(template_parent(&table, child) == parent);
	assert(template_parent(&table, parent) == NULL);
	assert(template_has_children(&table, parent));
	assert(!template_has_children(&table, child));
	assert(template_depth(&table, NULL) == 0);
	assert(template_depth(&table, child) == 2);
	assert(template_settings(&table, child, &all, &env, &err) == 0);
	assert(strcmp(all.user, "worker") == 0);
	assert(strcmp(all.workdir, "/app") == 0);
	assert(all.memory_limit_bytes == 6 && all.pids_limit == 7);
	assert(all.env.size == 12 && all.env.count == 3);
	assert(memcmp(all.env.data, "A=1\0B=1\0B=2", 12) == 0);
	free(env);
}

static void
test_settings(void)
{
	struct rpc_template_settings settings = {.user = "a", .workdir = "/"};
	struct err err = {0};

	assert(template_settings_check(&settings, &err) == 0);
	settings.workdir = "srv";
	assert(template_settings_check(&settings, &err) == -EINVAL);
	assert(strncmp(err.text, "workdir:", 8) == 0);
	settings.workdir = "";
	settings.user = "a\n";
	assert(template_settings_check(&settings, &err) == -EINVAL);
	settings.user = "";
	settings.env = (struct rpc_strv){"=x", 3, 1};
	assert(template_settings_check(&settings, &err) == -EINVAL);
	assert(strncmp(err.text, "env:", 4) == 0);
}

int
main(void)
{
	struct err err = {0};

	assert(template_table_init(&table, 3, &err) == 0);
	test_names();
	template_table_fini(&table);
	assert(template_table_init(&table, 3, &err) == 0);
	test_older();
	test_inheritance();
	template_table_fini(&table);
	test_settings();
	return 0;
}
