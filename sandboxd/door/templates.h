// SPDX-License-Identifier: Apache-2.0
/* The calls about templates; rows of calls.c. */
#pragma once

#include "sandboxd/door/peer.h"

int answer_template_list(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int answer_template_page(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int answer_template_get(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int answer_template_publish(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int answer_template_remove(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int answer_template_log(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
