// SPDX-License-Identifier: Apache-2.0
/* A sandbox's TCP connection: a question at a time, and its answer. */
#pragma once

#include "gateway/resolver/guest.h"

/* At once for one sandbox; one more takes the place of the oldest. */
#define STREAMS_A_GUEST 8

/* Takes over a connection of the guest's. */
void stream_add(struct guest *guest, int fd);

/* Closes it; what it waits for is not answered. */
void stream_free(struct stream *stream);

/* Its question is under way; and is no more, without an answer. */
void stream_expect(struct stream *stream, struct lookup *lookup);
void stream_forget(struct stream *stream);

/* Sends the answer to its question; none (NULL) closes it. It may be gone after
 * this. */
void stream_answer(struct stream *stream, const uint8_t *data, size_t size);
