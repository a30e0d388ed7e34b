// SPDX-License-Identifier: Apache-2.0
/*
 * Names that a product's clients have for templates, as [http] aliases_* of
 * the configuration have them: "NAME=TEMPLATE", several with commas between.
 */
#pragma once

#include "common/err.h"
#include "gateway/settings/http_conf.h"

#define ALIAS_SIZE 64

/* The template that `name` stands for in such a list, in room; `name` itself
 * where it stands for none. */
const char *alias_find(const char *list, const char *name,
    char room[ALIAS_SIZE]);

/* The first name that stands for a template, in room; else its own. */
const char *alias_of(const char *list, const char *target,
    char room[ALIAS_SIZE]);

/* Whether every list is one; -EINVAL names the key. */
int aliases_check(const struct http_conf *conf, struct err *err);
