// SPDX-License-Identifier: Apache-2.0
/*
 * JSON of all dialects, as their tables of fields make structs of it, and what
 * is made of those: "TABLE\nJSON", the table being one of a route, of a tool of
 * MCP's or of a stream's messages. A name that is none is all of them.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rpc_calls.h"
#include "gateway/http/api.h"
#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/dialect/e2b/network.h"
#include "gateway/http/dialect/e2b/watch.h"
#include "gateway/http/dialect/mcp/mcp.h"
#include "gateway/http/dialect/native/egress_list.h"
#include "gateway/http/dialect/native/native.h"
#define network_wish sandbox0_network_struct /* both are called so */
#include "gateway/http/dialect/sandbox0/network.h"
#undef network_wish
#include "gateway/http/dialect/sandbox0/contexts.h"
#include "gateway/http/dialect/sandbox0/files.h"
#include "gateway/http/dialect/sandbox0/services.h"
#include "gateway/http/dialect/sandbox0/sessions.h"
#include "gateway/http/engine/field.h"

#define TABLES_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct field_table *tables[TABLES_MAX];
static size_t n_tables;

static void
add_table(const struct field_table *table)
{
	for (size_t i = 0; i < n_tables; i++)
		if (tables[i] == table)
			return;
	if (table == NULL)
		return;
	assert(n_tables < TABLES_MAX);
	tables[n_tables++] = table;
}

static void
find_tables(void)
{
	for (size_t i = 0; i < n_api_dialects; i++)
		for (size_t j = 0; j < api_dialects[i]->n_routes; j++)
			add_table(api_dialects[i]->routes[j].input);
	for (size_t i = 0; i < n_mcp_tools; i++)
		add_table(mcp_tools[i].route.input);
	add_table(&e2b_network);
	add_table(&e2b_start_wish);
	add_table(&sandbox0_watch_wish);
	add_table(&sandbox0_news);
	add_table(&sandbox0_session_said);
	add_table(&sandbox0_network_wish);
	assert(n_tables > 80);
}

/* A policy that was made is one that can be read, and told again. */
static void
read_policy(struct rpc_bytes list)
{
	struct native_egress policy = {0};
	struct native_egress_view view;

	if (egress_list_read(list, &policy) == 0) {
		view = egress_view_of(&policy);
		json_decref(field_print(&native_egress_view, &view));
	}
	field_fini(&native_egress, &policy);
}

static void
make(const struct field_table *table, const void *data,
    struct failure *failure)
{
	struct rpc_bytes list = {0};

	failure->status = 0;
	if (table == &native_egress_wish)
		(void)egress_wish_make(data, "", &list, failure);
	else if (table == &native_egress)
		(void)egress_list_make(data, "egress.", &list, failure);
	else if (table == &e2b_network)
		(void)network_make(data, FIELD_UNSAID, "", &list, failure);
	else if (table == &sandbox0_network_wish)
		(void)sandbox0_network_make(data, "", &list, failure);
	if (list.data != NULL)
		read_policy(list);
	free((void *)(uintptr_t)list.data);
}

/* Each dialect says it in its words. */
static void
say(const struct failure *failure)
{
	for (size_t i = 0; i < n_api_dialects; i++) {
		struct failure said = *failure;

		if (api_dialects[i]->adapt_failure != NULL)
			api_dialects[i]->adapt_failure(&said);
		json_decref(api_dialects[i]->failure_to_json(&said));
	}
}

static void
read_object(const struct field_table *table, const json_t *object)
{
	struct failure failure = {0};
	void *data = calloc(1, table->struct_size);

	if (data == NULL)
		return;
	if (field_read(table, object, data, &failure) == 0)
		make(table, data, &failure);
	if (failure.status != 0)
		say(&failure);
	field_fini(table, data);
	free(data);
}

static const struct field_table *
find_table(const uint8_t *name, size_t size)
{
	for (size_t i = 0; i < n_tables; i++)
		if (strlen(tables[i]->name) == size &&
		    memcmp(tables[i]->name, name, size) == 0)
			return tables[i];
	return NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *body = size > 0 ? memchr(data, '\n', size) : NULL;
	const struct field_table *table;
	struct failure failure = {0};
	json_t *object;

	if (n_tables == 0)
		find_tables();
	if (body == NULL)
		return 0;
	table = find_table(data, (size_t)(body - data));
	body++;
	if (field_parse((const char *)body, size - (size_t)(body - data),
	    &object, &failure) < 0) {
		say(&failure);
		return 0;
	}
	if (table != NULL)
		read_object(table, object);
	for (size_t i = 0; i < n_tables && table == NULL; i++)
		read_object(tables[i], object);
	json_decref(object);
	return 0;
}
