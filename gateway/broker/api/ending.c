// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/ending.h"

#include <string.h>
#include <sys/socket.h>

#include "common/log.h"
#include "gateway/broker/broker.h"
#include "gateway/protocol/broker_calls.h"

void
api_end_identity(struct broker *broker, uint64_t number)
{
	const struct rpc_identity_end_event event = {.identity = number};
	int r;

	if (broker->http_fd < 0)
		return;
	r = rpc_send_request(broker->http_fd, &rpc_call_identity_end, 0,
	    &event, NULL, 0, MSG_DONTWAIT);
	if (r == 0)
		return;
	log_error("gateway-http cut off: identity_end: %s", strerror(-r));
	/* We may be in the middle of a call of its: the loop drops it. */
	(void)shutdown(broker->http_fd, SHUT_RDWR);
}

void
api_end_token(struct broker *broker, int64_t token_id)
{
	const struct api_identities *identities = &broker->identities;

	for (size_t i = 0; i < identities->n; i++)
		if (identities->rows[i].token_id == token_id)
			api_end_identity(broker, identities->rows[i].number);
}

void
api_end_lobby(struct broker *broker, uint64_t lobby)
{
	struct api_identities *identities = &broker->identities;

	for (size_t i = 0; i < identities->n; i++)
		if (identities->rows[i].lobby == lobby) {
			api_end_identity(broker, identities->rows[i].number);
			identities->rows[i] =
			    identities->rows[--identities->n];
			return; /* there is one, at most */
		}
}
