// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/sandbox.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"

void
sandbox_record_fini(struct sandbox_record *record)
{
	free(record->env);
	free(record->egress);
	record->env = record->egress = NULL;
}

bool
sandbox_is_there(const struct sandbox *sandbox)
{
	const enum sandbox_state state = sandbox->record.state;

	return !sandbox_state_is_ending(state) &&
	    !sandbox_state_is_pooled(state);
}

void
sandbox_set_reason(struct sandbox *sandbox, const char *what, const char *why)
{
	char *reason = sandbox->record.reason;

	snprintf(reason, sizeof sandbox->record.reason, "%s%.256s", what, why);
	for (; *reason != '\0'; reason++)
		if (*reason < ' ' || *reason > '~')
			*reason = '?';
}

int
sandbox_table_init(struct sandbox_table *table, uint32_t max, struct err *err)
{
	memset(table, 0, sizeof *table);
	table->slots = calloc(max, sizeof *table->slots);
	table->sorted = calloc(max, sizeof(struct sandbox *));
	if (table->slots == NULL || table->sorted == NULL) {
		sandbox_table_fini(table);
		return err_set(err, ENOMEM, "table of %u sandboxes", max);
	}
	table->max = max;
	return 0;
}

void
sandbox_table_fini(struct sandbox_table *table)
{
	while (table->n > 0)
		sandbox_remove(table, table->sorted[table->n - 1]);
	free(table->sorted);
	free(table->slots);
	memset(table, 0, sizeof *table);
}

size_t
sandbox_after(const struct sandbox_table *table, const char *id)
{
	size_t low = 0, high = table->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(table->sorted[middle]->record.id, id) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct sandbox *
sandbox_find(const struct sandbox_table *table, const char *id)
{
	size_t i = sandbox_after(table, id);

	if (i == 0 || strcmp(table->sorted[i - 1]->record.id, id) != 0)
		return NULL;
	return table->sorted[i - 1];
}

int
sandbox_free_slot(const struct sandbox_table *table, uint32_t *ret_slot,
    struct err *err)
{
	for (uint32_t slot = 0; slot < table->max; slot++)
		if (!table->slots[slot]) {
			*ret_slot = slot;
			return 0;
		}
	err_set(err, ENOSPC,
	    "there are %u sandboxes, the most that max_sandboxes allows",
	    table->max);
	return err_cause(err, "max_sandboxes");
}

int
sandbox_add(struct sandbox_table *table, struct sandbox_record *record,
    struct daemon *daemon, struct sandbox **ret, struct err *err)
{
	size_t at = sandbox_after(table, record->id);
	struct sandbox *sandbox;

	if (record->slot >= table->max || table->n == table->max)
		return err_set(err, ENOSPC,
		    "%s: slot %u is beyond max_sandboxes (%u)", record->id,
		    record->slot, table->max);
	if (sandbox_find(table, record->id) != NULL ||
	    table->slots[record->slot])
		return err_set(err, EEXIST, "%s: id or slot %u is taken",
		    record->id, record->slot);
	if ((sandbox = calloc(1, sizeof *sandbox)) == NULL)
		return err_set(err, ENOMEM, "%s: no memory", record->id);
	sandbox->record = *record;
	record->env = record->egress = NULL;
	sandbox->daemon = daemon;
	sandbox->pid_fd = -1;
	memmove(&table->sorted[at + 1], &table->sorted[at],
	    (table->n - at) * sizeof(struct sandbox *));
	table->sorted[at] = sandbox;
	table->n++;
	table->slots[record->slot] = true;
	*ret = sandbox;
	return 0;
}

void
sandbox_remove(struct sandbox_table *table, struct sandbox *sandbox)
{
	size_t at = sandbox_after(table, sandbox->record.id);

	assert(at > 0 && table->sorted[at - 1] == sandbox);
	memmove(&table->sorted[at - 1], &table->sorted[at],
	    (table->n - at) * sizeof(struct sandbox *));
	table->n--;
	table->slots[sandbox->record.slot] = false;
	sd_event_source_disable_unref(sandbox->pid_source);
	rpc_watch_fini(&sandbox->control);
	sd_event_source_disable_unref(sandbox->denials.bell);
	free(sandbox->denials.told);
	if (sandbox->hold.clock != NULL) {
		clock_disarm(sandbox->hold.clock, &sandbox->grace);
		clock_disarm(sandbox->hold.clock, &sandbox->expiry);
		clock_disarm(sandbox->hold.clock,
		    &sandbox->denials.look);
	}
	hold_fini(&sandbox->hold);
	waiters_forget(&sandbox->waiters);
	event_free_all(&sandbox->chronicle.waiting);
	fd_close(&sandbox->pid_fd);
	sandbox_record_fini(&sandbox->record);
	free(sandbox->egress.before);
	meter_ring_fini(&sandbox->meter.ring);
	free(sandbox);
}

int
sandbox_refuse(const struct sandbox *sandbox, struct err *err)
{
	const char *state = sandbox_state_name(sandbox->record.state);
	const bool is_resized = sandbox->resize.is_applying &&
	    sandbox_state_is_at_rest(sandbox->record.state);

	err_set(err, EBUSY, "%s is %s", sandbox->record.id, is_resized ?
	    "being resized" : state);
	return err_cause(err, is_resized ? "resizing" : state);
}

static void
make_id(const char prefix[4], char id[SANDBOX_ID_SIZE])
{
	static const char alphabet[] = SANDBOX_ID_ALPHABET;
	uint8_t random[SANDBOX_ID_LENGTH];

	static_assert(sizeof alphabet == 32 + 1, "one character is 5 bits");
	randombytes_buf(random, sizeof random);
	memcpy(id, prefix, 3);
	for (size_t i = 3; i < SANDBOX_ID_LENGTH; i++)
		id[i] = alphabet[random[i] % 32];
	id[SANDBOX_ID_LENGTH] = '\0';
}

void
sandbox_make_id(char id[SANDBOX_ID_SIZE])
{
	make_id("sb_", id);
}

void
snapshot_make_id(char id[SANDBOX_ID_SIZE])
{
	make_id("sn_", id);
}
