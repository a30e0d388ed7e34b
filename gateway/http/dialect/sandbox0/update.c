// SPDX-License-Identifier: Apache-2.0
/* PUT /api/v1/sandboxes/{id}: what may change of one that is there. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "gateway/http/dialect/native/limit_wish.h"
#include "gateway/http/dialect/sandbox0/network.h"
#include "gateway/http/dialect/sandbox0/services.h"
#include "gateway/http/service/egress.h"

struct resources {
	const char *memory;
};
static const struct field resource_fields[] = {
    {"memory", FIELD_STRING, offsetof(struct resources, memory), 1, 31,
	"memory of all its processes, such as 512Mi"},
};
static FIELD_TABLE(sandbox0_new_resources, struct resources, resource_fields);

/* What is refused, whatever it says. */
struct webhook {
	const char *url, *secret, *folder;
};
static const struct field webhook_fields[] = {
    {"url", FIELD_STRING, offsetof(struct webhook, url), 0, 2047},
    {"secret", FIELD_STRING, offsetof(struct webhook, secret), 0, 255},
    {"watch_dir", FIELD_STRING, offsetof(struct webhook, folder), 0, 4095},
};
static FIELD_TABLE(sandbox0_new_webhook, struct webhook, webhook_fields);

struct config {
	struct time_wish time;
	struct field_variables env;
	struct field_objects resources, webhook, network, services;
	uint32_t auto_resume;
};
#define CONFIG(field) offsetof(struct config, field)
static const struct field config_fields[] = {
    {"ttl", FIELD_SECONDS, CONFIG(time.ttl_s), 0, TIME_WISH_MAX,
	"seconds until it is paused, from now on; 0 = never"},
    {"hard_ttl", FIELD_SECONDS, CONFIG(time.hard_ttl_s), 0, TIME_WISH_MAX,
	"seconds until it is cleaned, from now on; 0 = never"},
    {"auto_resume", FIELD_BOOLEAN, CONFIG(auto_resume),
	.text = "whether who uses it while it is paused resumes it"},
    {"resources", FIELD_OBJECT, CONFIG(resources), .text = "its limits",
	.table = &sandbox0_new_resources},
    {"network", FIELD_OBJECT, CONFIG(network), .text =
	"what it may reach", .table = &sandbox0_network_wish},
    {"services", FIELD_OBJECTS, CONFIG(services), 0, 64,
	"all of it that is served to those outside",
	.table = &sandbox0_service},
    {"env_vars", FIELD_VARIABLES, CONFIG(env), 0, 0,
	"are given as it is claimed, and do not change"},
    {"webhook", FIELD_OBJECT, CONFIG(webhook),
	.text = "is given as it is claimed, and does not change",
	.table = &sandbox0_new_webhook},
};
static FIELD_TABLE(sandbox0_new_config, struct config, config_fields);

struct wish {
	struct field_objects config;
};
static const struct field wish_fields[] = {
    {"config", FIELD_OBJECT, offsetof(struct wish, config),
	.text = "what is to change", .table = &sandbox0_new_config},
};
FIELD_TABLE(sandbox0_update_wish, struct wish, wish_fields);

static const struct config *
config_of(const struct exchange *exchange)
{
	static const struct config none;
	const struct wish *wish = exchange_input(exchange);

	return wish->config.count > 0 ? wish->config.items : &none;
}

static int
check(const struct config *config, struct failure *failure)
{
	static const char words[] =
	    "cannot change: it is given as a sandbox is claimed";

	if (config->env.count > 0)
		return failure_of_field(failure, "config.env_vars", words);
	if (config->webhook.count > 0)
		return failure_of_field(failure, "config.webhook", words);
	return 0;
}

static void
change_rest(struct exchange *exchange)
{
	const struct config *config = config_of(exchange);
	struct rpc_sandbox_change_req wish = {
	    .id = exchange_param(exchange, "id"),
	    .auto_resume = config->auto_resume};
	uint8_t buffer[TIME_WISH_BYTES];
	struct err err;

	if (time_wish_encode(&config->time, buffer, &wish.lifetime, &err) < 0)
		exchange_fail_err(exchange, &err);
	else
		sandboxes_change(
		    exchange_who(exchange), &wish, sandbox0_tell, exchange);
}

static void
on_served(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		change_rest(arg);
}

/* An empty list is none from now on, where one left out changes nothing. */
static bool
says_services(const struct exchange *exchange)
{
	return json_is_array(json_object_get(json_object_get(
	    exchange_object(exchange), "config"), "services"));
}

static void
on_network(void *arg, const struct err *err)
{
	const struct config *config = config_of(arg);

	if (err != NULL || !says_services(arg))
		on_served(arg, err);
	else
		sandbox0_services_replace(arg, exchange_param(arg, "id"),
		    &config->services, on_served, arg);
}

static void
change_network(struct exchange *exchange)
{
	const struct config *config = config_of(exchange);
	struct rpc_bytes list = {0};
	struct failure failure;

	if (config->network.count == 0)
		on_network(exchange, NULL);
	else if (sandbox0_network_make(config->network.items,
	    "config.network.", &list, &failure) < 0)
		exchange_fail(exchange, &failure);
	else
		egress_set(exchange_who(exchange), exchange_param(exchange,
		    "id"), list, on_network, exchange);
	free((void *)(uintptr_t)list.data);
}

static void
on_resized(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	if (err != NULL)
		sandbox0_tell(arg, sandbox, err);
	else
		change_network(arg);
}

/* Its limits first: those can be refused by what it is at. */
void
sandbox0_update(struct exchange *exchange)
{
	const struct config *config = config_of(exchange);
	const struct resources *resources = config->resources.items;
	struct rpc_sandbox_resize_req resize = {
	    .id = exchange_param(exchange, "id"), .size = ""};
	struct failure failure;

	if (check(config, &failure) < 0 ||
	    sandbox0_services_check(&config->services, "config.",
	    &failure) < 0 || (resources != NULL && resources->memory != NULL &&
	    sandbox0_quantity("config.resources.memory", resources->memory,
	    &resize.memory_limit_bytes, &failure) < 0))
		exchange_fail(exchange, &failure);
	else if (resize.memory_limit_bytes != 0)
		sandboxes_resize(exchange_who(exchange), &resize, on_resized,
		    exchange);
	else
		change_network(exchange);
}
