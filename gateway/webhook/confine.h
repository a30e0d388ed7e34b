// SPDX-License-Identifier: Apache-2.0
/* The jail of gateway-webhook, and what a post gives up once it is
 * connected. */
#pragma once

#include "common/paths.h"
#include "gateway/jail/jail.h"
#include "gateway/settings/webhook_conf.h"

/* What a post may call once it speaks; the zygote, and what resolves and
 * connects, may beside that. */
extern const struct jail_call webhook_speaking_calls[];
extern const size_t n_webhook_speaking_calls;
extern const struct jail_call webhook_zygote_calls[];
extern const size_t n_webhook_zygote_calls;

/* Goes to jail; *ret_speaking is compiled before that, for posts to load. */
int confine_webhook(const struct paths *paths, const struct webhook_conf *conf,
    struct jail_filter *ret_speaking, struct err *err);
