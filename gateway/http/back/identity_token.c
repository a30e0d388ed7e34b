// SPDX-License-Identifier: Apache-2.0
/* Of an identity, what comes of the token alone. */
#include <string.h>
#include <strings.h>

#include "gateway/http/back/identity.h"

const char *
identity_find_token(const char *authorization, const char *api_key,
    const char *access_token)
{
	static const char scheme[] = "Bearer ", name[] = "Basic ";
	static const char e2b[] = "e2b_";
	const size_t n = sizeof scheme - 1;

	if (authorization != NULL && access_token != NULL &&
	    strncasecmp(authorization, name, sizeof name - 1) == 0)
		authorization = NULL;
	if (api_key != NULL && strncmp(api_key, e2b, sizeof e2b - 1) == 0)
		api_key += sizeof e2b - 1;
	if (authorization == NULL)
		return api_key != NULL ? api_key : access_token;
	if (strncasecmp(authorization, scheme, n) != 0)
		return ""; /* somebody claimed something: never ignore it */
	return authorization + n + strspn(authorization + n, " ");
}

uint64_t
identity_time_ms(const struct identity_limits *limits, uint64_t otherwise_ms)
{
	return limits->time_max_s != 0 &&
	    limits->time_max_s < otherwise_ms / 1000 ?
	    limits->time_max_s * 1000 : otherwise_ms;
}
