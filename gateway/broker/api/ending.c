// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/ending.h"

#include <string.h>

#include "gateway/broker/api/depot.h"
#include "gateway/broker/broker.h"
#include "gateway/protocol/broker_calls.h"

void
api_end_identity(struct broker *broker, uint64_t number)
{
	const struct rpc_identity_end_event event = {.identity = number};

	rpc_server_tell(&broker->http, &rpc_call_identity_end, &event);
	broker_depot_cut(broker, number);
}

void
api_cut_identity(struct broker *broker, uint64_t number)
{
	const struct rpc_identity_cut_event event = {.identity = number};

	rpc_server_tell(&broker->http, &rpc_call_identity_cut, &event);
	broker_depot_cut(broker, number);
}

void
api_end_org(struct broker *broker, const char *org)
{
	const struct api_identities *identities = &broker->identities;

	for (size_t i = 0; i < identities->n; i++)
		if (strcmp(identities->rows[i].org, org) == 0)
			api_end_identity(broker, identities->rows[i].number);
}

/* There is one for each of whom it acts for. */
void
api_cut_lobby(struct broker *broker, uint64_t lobby)
{
	struct api_identities *identities = &broker->identities;

	for (size_t i = 0; i < identities->n;) {
		if (identities->rows[i].lobby != lobby) {
			i++;
			continue;
		}
		api_cut_identity(broker, identities->rows[i].number);
		identities->rows[i] = identities->rows[--identities->n];
	}
}
