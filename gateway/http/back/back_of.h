// SPDX-License-Identifier: Apache-2.0
/* What back.c and identity.c share of the processes behind the API. */
#pragma once

#include <sodium.h>
#include <sys/queue.h>

#include "gateway/http/back/back.h"

struct back {
	struct loop *loop;
	uint64_t timeout_ms;
	struct calls *broker;
	void (*on_end)(void *arg);
	void *arg;
	void (*on_cut)(void *arg, const struct identity *who); /* or NULL */
	void *cut_arg;
	char host[BACK_HOST_SIZE];
	uint32_t port; /* 0 until it is known */
	LIST_HEAD(, identity) identities; /* that are somebody's */
	struct rates *rates; /* rates.h's; NULL: none yet */
	/* For hashes of what clients show, so that it is kept nowhere. */
	uint8_t hash_key[crypto_generichash_KEYBYTES];
};

/* The broker says that a number stands for nobody any more. */
void identity_end(struct back *back, uint64_t number);

/* And that what is under way for it is to be cut. */
void identity_cut(struct back *back, uint64_t number);
