// SPDX-License-Identifier: Apache-2.0
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/json_load.h"
#include "common/parse.h"
#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/dialect/states.h"

#define MIB (1024 * 1024)

bool
e2b_is_told(const struct rpc_sandbox_info *info)
{
	return state_word(STATE_WORDS_E2B, info->state) != NULL;
}

bool
e2b_is_running(const struct rpc_sandbox_info *info)
{
	const char *word = state_word(STATE_WORDS_E2B, info->state);

	return word != NULL && strcmp(word, "running") == 0;
}

static json_t *
metadata_of(const struct rpc_sandbox_info *info)
{
	json_t *map = info->metadata[0] != '\0' ? json_load_whole(
	    info->metadata, strlen(info->metadata), 0, NULL) : NULL;

	return map != NULL ? map : json_object();
}

/* When it ends by itself; clients read a time in any case. */
static json_t *
end_of(const struct rpc_sandbox_info *info)
{
	return field_time(info->ended_ms != 0 ? info->ended_ms :
	    info->expires_ms != 0 ? info->expires_ms : UINT64_MAX);
}

static json_t *
lifecycle_of(const struct rpc_sandbox_info *info)
{
	bool is_pausing = strcmp(info->on_expiry, "pause") == 0 ||
	    strcmp(info->on_expiry, "suspend") == 0;

	return json_pack("{s:s, s:b}", "onTimeout", is_pausing ? "pause" :
	    "kill", "autoResume", is_pausing && info->auto_resume != 0);
}

json_t *
e2b_sandbox(const struct sandboxes_view *view)
{
	const struct rpc_sandbox_info *info = &view->info;
	char id[SANDBOX_ID_SIZE];
	json_t *object;

	sandbox_id_spell(info->id, id);
	object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:I, s:I, "
	    "s:I, s:o, s:n, s:o}", "sandboxID", id, "templateID",
	    info->template_name, "clientID", "sandgate", "state",
	    e2b_is_running(info) ? "running" : "paused", "status",
	    state_word(STATE_WORDS_SANDBASE, info->state),
	    "envdVersion", E2B_ENVD_VERSION, "startedAt",
	    field_time(info->created_ms), "endAt", end_of(info), "cpuCount",
	    (json_int_t)(info->cpu_limit_millis + 999) / 1000, "memoryMB",
	    (json_int_t)(info->memory_limit_bytes / MIB), "diskSizeMB",
	    (json_int_t)(info->disk_limit_bytes / MIB), "metadata",
	    metadata_of(info), "domain", "lifecycle", lifecycle_of(info));
	if (object == NULL)
		return NULL;
	if (info->name[0] != '\0')
		(void)json_object_set_new(object, "alias",
		    json_string(info->name));
	return object;
}

void
e2b_user(const struct exchange *exchange, char ret[E2B_USER_SIZE])
{
	static const char scheme[] = "Basic ";
	const char *text = exchange_header(exchange, "Authorization");
	const char *query = exchange_query(exchange, "username");
	size_t n = 0;

	if (text != NULL &&
	    strncasecmp(text, scheme, sizeof scheme - 1) == 0) {
		text += sizeof scheme - 1;
		if (sodium_base642bin((unsigned char *)ret,
		    E2B_USER_SIZE - 1, text, strlen(text), " ", &n, NULL,
		    sodium_base64_VARIANT_ORIGINAL) < 0)
			n = 0;
		ret[n] = '\0';
		ret[strcspn(ret, ":")] = '\0';
	} else {
		snprintf(ret, E2B_USER_SIZE, "%s", query);
	}
	/* E2B's default one, by its name. */
	if (strcmp(ret, "user") == 0)
		ret[0] = '\0';
}
