// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/login/holders.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "gateway/broker/login/candidates.h"
#include "gateway/broker/login/certificate_login.h"

/* Looked for where the name is none: an id of a length that is never made. */
#define NOWHERE_SANDBOX "sb_0000000000000"

static int
find_token(struct store *store, const struct holders_question *question,
    struct holders *ret, struct err *err)
{
	int r = verify_token(store, question->data, question->size,
	    clock_unix_ms(), &ret->identities, err);

	snprintf(ret->credential, sizeof ret->credential, "token");
	if (r == 0 && ret->identities.n > 0)
		snprintf(ret->credential, sizeof ret->credential,
		    "token %lld",
		    (long long)ret->identities.rows[0].credential_id);
	return r;
}

static int
find_key(struct store *store, const struct holders_question *question,
    const char *sandbox_id, struct holders *ret, struct err *err)
{
	const struct certificate_use use = {sandbox_id, question->address,
	    clock_unix_ms()};
	const struct rpc_bytes key = {question->data, question->size};
	int r;

	ssh_key_fingerprint(key.data, key.size, ret->credential);
	if (!certificate_is_one(key.data, key.size))
		return verify_ssh_key(store, key.data, key.size, sandbox_id,
		    use.now_ms, &ret->identities, err);
	r = certificate_login_find(store, &key, &use, &ret->certificate,
	    &ret->identities, err);
	if (ret->certificate != NULL)
		ssh_key_fingerprint(ret->certificate->key,
		    ret->certificate->key_size, ret->credential);
	return r;
}

int
holders_find(struct store *store, const struct holders_question *question,
    struct holders *ret, struct err *err)
{
	bool is_name;
	int r;

	*ret = (struct holders){.certificate = NULL};
	is_name = username_parse(question->user, &ret->name) == 0;
	/* A bad name is looked up too. */
	r = question->is_token ? find_token(store, question, ret, err) :
	    find_key(store, question,
	    is_name ? ret->name.sandbox_id : NOWHERE_SANDBOX, ret, err);
	if (r < 0 || !is_name || (ret->certificate != NULL &&
	    !certificate_login_permits(ret->certificate, &ret->name)))
		ret->identities.n = 0;
	if (candidates_narrow(&ret->identities, &ret->name) < 0)
		log_warn("%s is of several organisations: name=%s",
		    ret->credential, question->user);
	return r;
}

void
holders_revocable(const struct holders *holders,
    const struct holders_question *question, struct revocable *ret)
{
	*ret = (struct revocable){.serial = ""};
	if (holders->certificate != NULL)
		revocable_certificate(holders->certificate, ret);
	else if (!question->is_token)
		ssh_key_fingerprint(question->data, question->size, ret->key);
}

void
holders_fini(struct holders *holders)
{
	free(holders->certificate);
	holders->certificate = NULL;
	holders->identities.n = 0;
}
