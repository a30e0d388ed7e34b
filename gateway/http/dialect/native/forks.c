// SPDX-License-Identifier: Apache-2.0
/*
 * Forks: as many as were asked for, or none. Several are of one instant: copies
 * of a snapshot that is made for that, so that the source stands still once.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "common/parse.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/dialect/repeat_key.h"
#include "gateway/http/service/sandboxes.h"
#include "gateway/http/service/snapshots.h"

#define FORKS_MAX 100 /* of one request */
#define NAME_BYTES 64 /* room for one */
#define UNDER_WAY_MAX 16 /* at once */
#define SNAPSHOT_TTL_S 600 /* where nobody is left to remove it */

struct wish {
	const char *name;
	uint32_t count;
};

static const struct field wish_fields[] = {
    {"count", FIELD_U32, offsetof(struct wish, count), 1, FORKS_MAX,
	"how many; 1 unless said"},
    {"name", FIELD_NAME, offsetof(struct wish, name), 1, 63,
	"of the one; of several, what comes before -1, -2 and so on"},
};
FIELD_TABLE(native_fork_wish, struct wish, wish_fields);

struct forks;

struct fork {
	struct forks *forks;
	json_t *made; /* NULL: not yet, or not at all */
};

struct forks {
	struct exchange *exchange;
	const char *id, *name;
	struct repeat_key repeat;
	char snapshot[SANDBOX_ID_SIZE]; /* "" = none is made */
	uint32_t count, n_asked, n_ended;
	bool is_asking;
	struct err err; /* the first; code 0: none */
	struct fork all[FORKS_MAX];
};

static void
reply(struct forks *forks)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < forks->count; i++)
		(void)json_array_append_new(list, forks->all[i].made);
	exchange_reply(forks->exchange, 201, json_pack("{s:o}", "sandboxes",
	    list));
}

static void
on_undone(void *arg, const struct err *err)
{
	struct forks *forks = arg;

	(void)err; /* it is listed, and its owner may destroy it */
	if (--forks->n_ended == 0)
		exchange_fail_err(forks->exchange, &forks->err);
}

/* Those that there are go before the failure is told. */
static void
undo(struct forks *forks)
{
	forks->n_ended = 1;
	for (uint32_t i = 0; i < forks->count; i++) {
		struct fork *fork = &forks->all[i];

		if (fork->made == NULL)
			continue;
		forks->n_ended++;
		sandboxes_destroy(exchange_who(forks->exchange),
		    json_string_value(json_object_get(fork->made, "id")),
		    on_undone, forks);
		json_decref(fork->made);
	}
	on_undone(forks, NULL);
}

/* Who may not remove anything leaves it to its end. */
static void
on_unsnapped(void *arg, const struct err *err)
{
	struct forks *forks = arg;

	(void)err;
	if (forks->err.code != 0)
		undo(forks);
	else
		reply(forks);
}

static void ask_more(struct forks *forks);

static void
on_forked(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	struct fork *fork = arg;
	const struct err no_memory = {ENOMEM, "out of memory"};

	fork->forks->n_ended++;
	if (err == NULL &&
	    (fork->made = native_print_sandbox(sandbox)) == NULL)
		err = &no_memory;
	if (err != NULL && fork->forks->err.code == 0)
		fork->forks->err = *err;
	ask_more(fork->forks);
}

static void
ask_one(struct forks *forks)
{
	struct fork *fork = &forks->all[forks->n_asked++];
	char name[NAME_BYTES + 16] = "";
	const struct rpc_sandbox_fork_req wish = {.id = forks->id,
	    .name = forks->count > 1 ? name : forks->name,
	    .snapshot = forks->snapshot, .request_key = forks->repeat.key,
	    .request_body = forks->repeat.body};

	fork->forks = forks;
	if (forks->name[0] != '\0' && forks->count > 1)
		snprintf(name, sizeof name, "%s-%u", forks->name,
		    forks->n_asked);
	sandboxes_fork(exchange_who(forks->exchange), &wish, on_forked, fork);
}

/* An answer may come before the asking returns: then the loop goes on. */
static void
ask_more(struct forks *forks)
{
	if (forks->is_asking)
		return;
	forks->is_asking = true;
	while (forks->err.code == 0 && forks->n_asked < forks->count &&
	    forks->n_asked - forks->n_ended < UNDER_WAY_MAX)
		ask_one(forks);
	forks->is_asking = false;
	if (forks->n_ended < forks->n_asked)
		return;
	if (forks->snapshot[0] != '\0')
		snapshots_remove(exchange_who(forks->exchange),
		    forks->snapshot, on_unsnapped, forks);
	else
		on_unsnapped(forks, NULL);
}

static void
on_snapped(void *arg, const struct rpc_snapshot_info *snapshot,
    const struct err *err)
{
	struct forks *forks = arg;

	if (err != NULL) {
		exchange_fail_err(forks->exchange, err);
		return;
	}
	snprintf(forks->snapshot, sizeof forks->snapshot, "%s", snapshot->id);
	ask_more(forks);
}

static void
snap(struct forks *forks)
{
	const struct rpc_snapshot_create_req wish = {.id = forks->id,
	    .name = "", .description = "for forks, and gone with that",
	    .ttl_s = SNAPSHOT_TTL_S};
	struct err err;

	if (sandbox_id_is_valid(forks->id)) {
		snapshots_create(exchange_who(forks->exchange), &wish,
		    on_snapped, forks);
		return;
	}
	err_set(&err, ENOENT, "%s: no such sandbox", forks->id);
	exchange_fail_err(forks->exchange, &err);
}

/* Of several that are of one instant some cannot be made later. */
static int
check_repeat(struct forks *forks, struct failure *failure)
{
	if (repeat_key_read(forks->exchange, &forks->repeat, failure) < 0)
		return -EINVAL;
	if (forks->repeat.key[0] != '\0' && forks->count > 1)
		return failure_of_field(failure, "Idempotency-Key",
		    "is for one fork, and count is %u", forks->count);
	return 0;
}

void
native_fork_sandbox(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	struct forks *forks = exchange_memory(exchange, sizeof *forks);
	struct err err = {ENOMEM, "out of memory"};
	struct failure failure;

	if (forks == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	*forks = (struct forks){.exchange = exchange,
	    .id = exchange_param(exchange, "id"), .name = wish->name,
	    .count = wish->count != 0 ? wish->count : 1};
	if (check_repeat(forks, &failure) < 0)
		exchange_fail(exchange, &failure);
	else if (forks->count > 1)
		snap(forks);
	else
		ask_more(forks);
}
