// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/signature.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "gateway/broker/login/sandbox_index.h"
#include "keys/sandbox_token.h"
#include "keys/token.h"

#define PREFIX	  "v1_"
#define TEXT_SIZE 48 /* of a signature, terminator included */

/* One URL, and whose tokens were looked up last. */
struct trying {
	const struct rpc_api_auth_signature_req *request;
	int64_t now_ms;
	int64_t owner_id;
	int64_t tokens[SIGNATURE_TOKENS_MAX];
	size_t n_tokens, n_tries;
};

static void
add(crypto_hash_sha256_state *sum, const char *text)
{
	crypto_hash_sha256_update(sum, (const uint8_t *)text, strlen(text));
}

static void
sign(const struct rpc_api_auth_signature_req *request, const char *secret,
    char ret[TEXT_SIZE])
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state sum;

	crypto_hash_sha256_init(&sum);
	add(&sum, request->path);
	add(&sum, ":");
	add(&sum, request->operation);
	add(&sum, ":");
	add(&sum, request->user);
	add(&sum, ":");
	add(&sum, secret);
	if (*request->expires != '\0') {
		add(&sum, ":");
		add(&sum, request->expires);
	}
	crypto_hash_sha256_final(&sum, hash);
	memcpy(ret, PREFIX, sizeof PREFIX);
	sodium_bin2base64(ret + sizeof PREFIX - 1,
	    TEXT_SIZE - (sizeof PREFIX - 1), hash, sizeof hash,
	    sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}

static int
keep_token(void *arg, const struct token *token)
{
	struct trying *trying = arg;

	if (trying->n_tokens < SIGNATURE_TOKENS_MAX &&
	    token->revoked_ms == 0 && token->rights == 0 &&
	    (token->expires_ms == 0 || token->expires_ms > trying->now_ms))
		trying->tokens[trying->n_tokens++] = token->id;
	return 0;
}

/* Those of the sandbox's owner: others give nothing of it away. */
static int
read_tokens(struct trying *trying, struct store *store, int64_t owner_id,
    struct err *err)
{
	if (trying->owner_id == owner_id)
		return 0;
	trying->owner_id = owner_id;
	trying->n_tokens = 0;
	return token_list(store, owner_id, keep_token, trying, err);
}

/* 1: it is for this sandbox; 0 or -errno. */
static int
try_sandbox(struct trying *trying, struct store *store,
    const struct sandbox_owner *owner, int64_t *ret_token_id,
    struct err *err)
{
	const struct rpc_api_auth_signature_req *request = trying->request;
	char secret[SANDBOX_TOKEN_SIZE], good[TEXT_SIZE];
	int r = read_tokens(trying, store, owner->owner_id, err);
	bool is_it = false;

	for (size_t i = 0; r == 0 && !is_it && i < trying->n_tokens; i++) {
		sandbox_token_make(store, owner->id, trying->tokens[i],
		    secret);
		sign(request, secret, good);
		is_it = strlen(good) == strlen(request->signature) &&
		    sodium_memcmp(good, request->signature, strlen(good)) ==
		    0;
		*ret_token_id = trying->tokens[i];
		trying->n_tries++;
	}
	sodium_memzero(secret, sizeof secret);
	sodium_memzero(good, sizeof good);
	return r < 0 ? r : is_it;
}

static int
check_time(const struct trying *trying, struct err *err)
{
	uint64_t expires_s;

	if (*trying->request->expires == '\0')
		return 0;
	if (parse_u64(trying->request->expires, &expires_s) < 0 ||
	    expires_s <= (uint64_t)trying->now_ms / 1000)
		return err_set(err, EACCES, "the time of this URL is over");
	return 0;
}

/* One that does not say which sandbox: not too many of those. */
static int
take_turn(struct broker *broker, int64_t now_ms, struct err *err)
{
	if (now_ms - broker->scans.since_ms >= 1000 ||
	    now_ms < broker->scans.since_ms) {
		broker->scans.since_ms = now_ms;
		broker->scans.n = 0;
	}
	if (broker->scans.n == SIGNATURE_SCANS_PER_S) {
		err_set(err, EAGAIN, "too many signed URLs at once that do "
		    "not say by a host's name which sandbox they are for");
		return err_retry(err, 1);
	}
	broker->scans.n++;
	return 0;
}

static int
scan(struct broker *broker, struct trying *trying,
    const struct sandbox_owner **ret, int64_t *ret_token_id, struct err *err)
{
	const char *after = "";
	int r = take_turn(broker, trying->now_ms, err);

	while (r == 0 && trying->n_tries < SIGNATURE_TRIES_MAX &&
	    (*ret = sandbox_index_next(broker->sandboxes, NULL, after)) !=
	    NULL) {
		after = (*ret)->id;
		r = try_sandbox(trying, broker->store, *ret, ret_token_id,
		    err);
	}
	return r;
}

int
signature_find(struct broker *broker,
    const struct rpc_api_auth_signature_req *request, int64_t now_ms,
    char ret_sandbox_id[SANDBOX_ID_SIZE], int64_t *ret_token_id,
    struct err *err)
{
	struct trying trying = {.request = request, .now_ms = now_ms,
	    .owner_id = -1};
	const struct sandbox_owner *owner = NULL;
	int64_t token_id = 0;
	int r = check_time(&trying, err);

	if (r == 0 && !sandbox_index_is_current(broker->sandboxes))
		r = err_set(err, EAGAIN, "sandboxd is not running; try again");
	if (r < 0)
		return r;
	if (*request->sandbox_id == '\0') {
		r = scan(broker, &trying, &owner, &token_id, err);
	} else {
		owner = sandbox_index_find(broker->sandboxes,
		    request->sandbox_id);
		if (owner != NULL)
			r = try_sandbox(&trying, broker->store, owner,
			    &token_id, err);
	}
	if (r < 0)
		return r;
	if (r == 0)
		return err_set(err, EACCES, "no such signature");
	snprintf(ret_sandbox_id, SANDBOX_ID_SIZE, "%s", owner->id);
	*ret_token_id = token_id;
	return 0;
}
