// SPDX-License-Identifier: Apache-2.0
/*
 * The noun: one version of a template that was published, a read-only layer
 * over another's or over a base (docs/TEMPLATES.md), and the table of all there
 * are. A version never changes; a name leads to one of them, or to none.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/parse.h"
#include "common/rpc_calls.h"

/* Layers below a sandbox's own disk, the base not counted. */
#define TEMPLATE_LAYERS_MAX 8

struct disk_pool;

struct template {
	struct rpc_template_kept kept;	  /* points into data */
	struct rpc_template_settings settings; /* the same */
	char *data;			  /* owned */
	bool is_current; /* its name leads to it */
	bool is_going;	 /* being deleted: for nobody any more */
};

struct template_table {
	struct template **items; /* in order of name, organisation and time */
	size_t n, max;
};

/* Room for max versions; -ENOMEM. */
int template_table_init(struct template_table *table, size_t max,
    struct err *err);
void template_table_fini(struct template_table *table);

/*
 * Adds one as it was kept, `data` being its encoded template_kept, which the
 * table owns from then on where this succeeds. -EBADMSG, -ENOMEM, -ENOSPC.
 */
int template_add(struct template_table *table, char *data, size_t size,
    struct template **ret, struct err *err);

/* Takes it out and frees it. */
void template_remove(struct template_table *table, struct template *template);

/* The version of an id, or NULL. */
struct template *template_find(const struct template_table *table,
    const char *id);

/* What the name leads to for an organisation, "" for what is everybody's
 * alone: its own, before everybody's. NULL where neither is there. */
struct template *template_current(const struct template_table *table,
    const char *org, const char *name);

/* What somebody of an organisation means: template_current, or else by its id a
 * version that is there for them, as long as its name leads to one. */
struct template *template_named(const struct template_table *table,
    const char *org, const char *name);

/* The one that exactly this organisation's name leads to, or NULL. */
struct template *template_own(const struct template_table *table,
    const char *org, const char *name);

/* The one below it, or NULL where that is a base. */
const struct template *template_parent(const struct template_table *table,
    const struct template *template);

/* Whether another version lies on it. */
bool template_has_children(const struct template_table *table,
    const struct template *template);

/* How many layers it is, itself included; 0 for NULL. */
unsigned template_depth(const struct template_table *table,
    const struct template *template);

/*
 * What a sandbox of it gets, its own words before its parent's. env is the
 * caller's to free: all of it, the base's first, so that the last of a name
 * counts. -ENOMEM.
 */
int template_settings(const struct template_table *table,
    const struct template *template, struct rpc_template_settings *ret,
    char **ret_env, struct err *err);

/* Whether settings may be kept: -EINVAL names the field. */
int template_settings_check(const struct rpc_template_settings *settings,
    struct err *err);

/* The label (sandboxd/disk/layer.h) of an organisation's name. */
#define TEMPLATE_LABEL_SIZE 160
void template_label(const char *org, const char *name,
    char label[TEMPLATE_LABEL_SIZE]);
