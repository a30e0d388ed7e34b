// SPDX-License-Identifier: Apache-2.0
/* What Sandbox0's clients are told of a sandbox. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/sandbox0/sandbox0.h"
#include "gateway/http/dialect/states.h"

#define NO_TIME	  "0001-01-01T00:00:00Z"
#define MIB	  (1ull << 20)
#define SIZE_SIZE 32

int
sandbox0_check(const struct sandboxes_view *sandbox, struct err *err)
{
	const struct rpc_sandbox_info *info = &sandbox->info;

	return info->ended_ms == 0 ? 0
				   : err_set(err, EIDRM, "%s: is %s: %s",
					 info->id, info->state, info->cause);
}

json_t *
sandbox0_time(uint64_t unix_ms)
{
	return unix_ms != 0 ? field_time(unix_ms) : json_string(NO_TIME);
}

const char *
sandbox0_status(const struct rpc_sandbox_info *info)
{
	const char *word = state_word(STATE_WORDS_SANDBOX0, info->state);

	return word != NULL ? word : info->state;
}

bool
sandbox0_is_paused(const struct rpc_sandbox_info *info)
{
	return strcmp(sandbox0_status(info), "paused") == 0;
}

const char *
sandbox0_template(
    const struct exchange *exchange, const char *name, char room[ALIAS_SIZE])
{
	return alias_find(
	    exchange_conf(exchange)->aliases_sandbox0, name, room);
}

const char *
sandbox0_template_told(
    const struct exchange *exchange, const char *name, char room[ALIAS_SIZE])
{
	return alias_of(exchange_conf(exchange)->aliases_sandbox0, name, room);
}

/* Its product knows fewer. */
static const char *
power_word(const char *word)
{
	static const char *const words[][2] = {
	    {"suspended", "paused"},
	    {"starting", "resuming"},
	    {"suspending", "pausing"},
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i][0], word) == 0)
			return words[i][1];
	return word;
}

json_t *
sandbox0_power(const struct rpc_sandbox_info *info)
{
	return json_pack("{s:s, s:I, s:s, s:I, s:s}", "desired",
	    power_word(info->power_desired), "desired_generation",
	    (json_int_t)info->desired_generation, "observed",
	    power_word(info->power_observed), "observed_generation",
	    (json_int_t)info->observed_generation, "phase",
	    power_word(info->power_phase));
}

/* What it is on, by a name that hosts may have. */
static json_t *
pod_of(const struct rpc_sandbox_info *info)
{
	char id[SANDBOX_ID_SIZE];

	sandbox_id_spell(info->id, id);
	return json_string(id);
}

static uint64_t
updated_ms(const struct rpc_sandbox_info *info)
{
	return info->last_activity_ms > info->created_ms
		   ? info->last_activity_ms
		   : info->created_ms;
}

static json_t *
ssh_of(const struct sandboxes_view *sandbox)
{
	return json_pack("{s:s, s:I, s:s}", "host", sandbox->ssh_host, "port",
	    (json_int_t)sandbox->ssh_port, "username", sandbox->info.id);
}

static json_t *
resources_of(const struct rpc_sandbox_info *info)
{
	char text[SIZE_SIZE];

	snprintf(text, sizeof text, "%lluMi",
	    (unsigned long long)(info->memory_limit_bytes / MIB));
	return json_pack("{s:s}", "memory", text);
}

json_t *
sandbox0_summary(
    const struct exchange *exchange, const struct sandboxes_view *sandbox)
{
	const struct rpc_sandbox_info *info = &sandbox->info;
	char room[ALIAS_SIZE];

	return json_pack("{s:s, s:s, s:s, s:b, s:I, s:s, s:o, s:o, s:o, s:o}",
	    "id", info->id, "template_id",
	    sandbox0_template_told(exchange, info->template_name, room),
	    "status", sandbox0_status(info), "paused",
	    (int)sandbox0_is_paused(info), "runtime_generation",
	    (json_int_t)info->observed_generation, "cluster_id", "sandgate",
	    "created_at", sandbox0_time(info->created_ms), "expires_at",
	    sandbox0_time(info->expires_ms), "hard_expires_at",
	    sandbox0_time(info->hard_expires_ms), "updated_at",
	    sandbox0_time(updated_ms(info)));
}

json_t *
sandbox0_status_of(
    const struct exchange *exchange, const struct sandboxes_view *sandbox)
{
	const struct rpc_sandbox_info *info = &sandbox->info;
	char room[ALIAS_SIZE];

	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:o}",
	    "sandbox_id", info->id, "template_id",
	    sandbox0_template_told(exchange, info->template_name, room),
	    "team_id", info->org, "user_id", info->owner, "pod_name",
	    pod_of(info), "status", sandbox0_status(info), "claimed_at",
	    sandbox0_time(info->created_ms), "expires_at",
	    sandbox0_time(info->expires_ms), "hard_expires_at",
	    sandbox0_time(info->hard_expires_ms), "created_at",
	    sandbox0_time(info->created_ms));
}

json_t *
sandbox0_sandbox(
    const struct exchange *exchange, const struct sandboxes_view *sandbox)
{
	const struct rpc_sandbox_info *info = &sandbox->info;
	json_t *object = sandbox0_summary(exchange, sandbox);
	json_t *more = json_pack("{s:s, s:s, s:o, s:b, s:o, s:o, s:[], s:o, "
				 "s:o}",
	    "team_id", info->org, "user_id", info->owner, "power_state",
	    sandbox0_power(info), "auto_resume", (int)info->auto_resume,
	    "pod_name", pod_of(info), "resources", resources_of(info), "mounts",
	    "ssh", ssh_of(sandbox), "claimed_at",
	    sandbox0_time(info->created_ms));

	/* In lists and claims alone. */
	if (object != NULL)
		(void)json_object_del(object, "cluster_id");
	if (object != NULL &&
	    (more == NULL || json_object_update(object, more) < 0)) {
		json_decref(object);
		object = NULL;
	}
	json_decref(more);
	return object;
}

void
sandbox0_tell(
    void *arg, const struct sandboxes_view *sandbox, const struct err *err)
{
	struct err gone = {0};

	if (err == NULL && sandbox0_check(sandbox, &gone) < 0)
		err = &gone;
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 200, sandbox0_sandbox(arg, sandbox));
}

int
sandbox0_quantity(
    const char *field, const char *text, uint64_t *ret, struct failure *failure)
{
	char copy[SIZE_SIZE];
	size_t n = strlen(text);

	snprintf(copy, sizeof copy, "%s", text);
	if (n > 1 && n < sizeof copy && copy[n - 1] == 'i')
		copy[n - 1] = '\0';
	if (n >= sizeof copy || parse_size(copy, ret) < 0 || *ret == 0)
		return failure_of_field(
		    failure, field, "must be a size such as 512Mi or 2Gi");
	return 0;
}
