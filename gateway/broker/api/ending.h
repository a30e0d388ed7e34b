// SPDX-License-Identifier: Apache-2.0
/*
 * Tells gateway-http that somebody it knows is nobody any more (identity_end).
 * Each is on its way when these return, before whatever is answered later; a
 * gateway-http that reads too little is cut off, and knows nobody then.
 */
#pragma once

#include <stdint.h>

struct broker;

void api_end_identity(struct broker *broker, uint64_t number);

/* The same, and what is under way for them is cut (identity_cut). */
void api_cut_identity(struct broker *broker, uint64_t number);

/* Whoever acts for the organisation: what they may is asked for anew. */
void api_end_org(struct broker *broker, const char *org);

/* Cuts whoever has this login to the lobby. */
void api_cut_lobby(struct broker *broker, uint64_t lobby);
