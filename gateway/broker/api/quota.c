// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/quota.h"

#include <errno.h>

#include "gateway/broker/login/crowd.h"
#include "keys/access.h"
#include "keys/agent.h"
#include "keys/ca.h"
#include "keys/counts.h"
#include "keys/org.h"
#include "keys/revocation.h"
#include "keys/token.h"
#include "keys/user.h"
#include "keys/user_key.h"
#include "keys/webhook.h"

int
api_broker_quota(struct api_context *context, const void *data)
{
	const struct rpc_broker_quota_req *request = data;
	const struct api_identity *who = &context->who;
	struct counts counts;
	struct org org;
	int r = api_permit(context, request->identity, ACTION_SEE);

	if (r == 0 && who->sandbox_id[0] != '\0')
		r = err_set(&context->err, EACCES, "permission denied: this "
		    "token is for one sandbox");
	if (r == 0)
		r = org_get(context->broker->store, who->org, &org,
		    &context->err);
	if (r == 0)
		r = counts_get(context->broker->store, who->org_id,
		    who->user_id, &counts, &context->err);
	if (r < 0)
		return r;
	return api_reply(context, &(struct rpc_broker_quota_rep){
	    .max_sessions_used = crowd_sessions(context->broker, who->org),
	    .max_sessions_limit = org_limit(&org, ORG_SESSIONS),
	    .users_used = (uint64_t)counts.users, .users_limit = USERS_MAX,
	    .webhooks_used = (uint64_t)counts.webhooks,
	    .webhooks_limit = WEBHOOKS_MAX,
	    .agents_used = (uint64_t)counts.agents,
	    .agents_limit = AGENTS_MAX,
	    .ssh_cas_used = (uint64_t)counts.cas, .ssh_cas_limit = CAS_MAX,
	    .ssh_revocations_used = (uint64_t)counts.revocations,
	    .ssh_revocations_limit = REVOCATIONS_MAX,
	    .tokens_used = (uint64_t)counts.tokens,
	    .tokens_limit = TOKENS_MAX,
	    .ssh_keys_used = (uint64_t)counts.keys,
	    .ssh_keys_limit = USER_KEYS_MAX,
	    .ssh_access_used = (uint64_t)counts.accesses,
	    .ssh_access_limit = ACCESS_MAX});
}
