// SPDX-License-Identifier: Apache-2.0
/* Who may have what of gateway-depot (docs/DISKS.md): capabilities of it. */
#pragma once

#include "gateway/broker/api/answer.h"

/* Takes over the orders' socket of another gateway-depot; 0 or -errno. */
int broker_depot_connect(struct broker *broker, int *fd);
void broker_depot_disconnect(struct broker *broker);

/* Ends what the number of an identity stands for. */
void broker_depot_cut(struct broker *broker, uint64_t number);

/* Removes what there is of an organisation's that is no more. */
void broker_depot_forget(struct broker *broker, const char *org);

/* Answers depot_open. */
int api_depot_open(struct api_context *context, const void *request);
