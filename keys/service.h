// SPDX-License-Identifier: Apache-2.0
/*
 * What of a sandbox is served to those outside (docs/SERVICES.md): named
 * services, and previews, which are tokens for one port. Of secrets hashes
 * alone are kept, keyed with token.key as those of tokens are.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "common/parse.h"
#include "keys/store.h"
#include "keys/token.h"

#define SERVICES_MAX	    64	/* of one sandbox */
#define PREVIEWS_MAX	    256 /* of one sandbox, not expired */
#define SERVICE_NAME_MAX    30	/* so that NAME--ID is a label of a host name */
#define SERVICE_NAME_SIZE   (SERVICE_NAME_MAX + 1)
#define SERVICE_HEADER_SIZE 64
#define SERVICE_METHODS_SIZE 128
#define SERVICE_PREFIX_SIZE 256
#define SERVICE_SECRET_MIN  16 /* characters, of one that is chosen */
#define SERVICE_SECRET_MAX  512
#define SERVICE_SHA256_BYTES 32
#define SERVICE_TIMEOUT_MAX_S 3600
#define SERVICE_RATE_MAX    100000
#define PREVIEW_TTL_MAX_MS  (30ull * 86400 * 1000)

/* What one has to show; kept in the database by these numbers. A preview of its
 * port opens each. */
enum service_auth {
	SERVICE_PREVIEW = 0, /* nothing else does */
	SERVICE_PUBLIC = 1,
	SERVICE_BEARER = 2, /* in Authorization */
	SERVICE_HEADER = 3, /* in a header of another name */
	N_SERVICE_AUTH
};

struct service {
	int64_t id;
	char sandbox_id[SANDBOX_ID_SIZE];
	char name[SERVICE_NAME_SIZE];
	uint32_t port;
	enum service_auth auth;
	char header[SERVICE_HEADER_SIZE]; /* of SERVICE_HEADER */
	char methods[SERVICE_METHODS_SIZE]; /* by commas; "" = all */
	char prefix[SERVICE_PREFIX_SIZE];   /* of paths; "" = all */
	uint32_t timeout_s; /* until an answer begins; 0 = the host's */
	uint32_t rate;	    /* requests a second; 0 = no limit */
	uint32_t burst;	    /* of those at once */
	bool has_resume;    /* who asks wakes the sandbox */
	uint8_t hash[TOKEN_HASH_BYTES];
	int64_t created_ms;
};

struct preview {
	int64_t id;
	int64_t user_id; /* who made it, and with whom it goes */
	char sandbox_id[SANDBOX_ID_SIZE];
	uint32_t port;
	int64_t created_ms, expires_ms;
};

/*
 * Adds it, or puts it in the place of what the sandbox has by that name;
 * id, hash and created_ms are filled in. sha256 is that of the secret, or NULL
 * where there is none. -EINVAL for a field that cannot be, which the words
 * begin with; -EDQUOT where the sandbox has SERVICES_MAX. *ret_old_id is what
 * it replaced, or 0.
 */
int service_put(struct store *store, struct service *service,
    const uint8_t sha256[SERVICE_SHA256_BYTES], int64_t now_ms,
    int64_t *ret_old_id, struct err *err);

/* By name, or where that is "" the first of a port. -ENOENT. */
int service_find(struct store *store, const char *sandbox_id,
    const char *name, uint32_t port, struct service *ret, struct err *err);

/* Whether the secret is the service's, in the same time either way. */
bool service_is_secret(const struct store *store,
    const struct service *service, const char *secret);

/* Calls each(arg, service) in order of name until it returns non-zero, which
 * is returned. */
int service_list(struct store *store, const char *sandbox_id,
    int (*each)(void *arg, const struct service *service), void *arg,
    struct err *err);

/* -ENOENT; *ret_id is what it was. */
int service_remove(struct store *store, const char *sandbox_id,
    const char *name, int64_t *ret_id, struct err *err);

/*
 * Makes a token for a port of a sandbox, for ttl_ms (1 s to
 * PREVIEW_TTL_MAX_MS),
 * written to ret_text, the only time it is told. Expired ones are removed on
 * the way. -EINVAL, -EDQUOT.
 */
int preview_create(struct store *store, int64_t user_id,
    const char *sandbox_id, uint32_t port, uint64_t ttl_ms, int64_t now_ms,
    char ret_text[TOKEN_SIZE], struct preview *ret, struct err *err);

/*
 * Has one of that user's live ttl_ms from now, or longer where it would anyway.
 * -EINVAL; -ENOENT: no such one, another's, or it has expired.
 */
int preview_renew(struct store *store, int64_t user_id,
    const char *sandbox_id, int64_t id, uint64_t ttl_ms, int64_t now_ms,
    struct preview *ret, struct err *err);

/* 1 and *ret where the text is one of the sandbox's that has not expired, for
 * that port or, port being 0, for any; 0 where it is not. */
int preview_verify(struct store *store, const char *text,
    const char *sandbox_id, uint32_t port, int64_t now_ms,
    struct preview *ret, struct err *err);

/* In order of id, those not expired. */
int preview_list(struct store *store, const char *sandbox_id, int64_t now_ms,
    int (*each)(void *arg, const struct preview *preview), void *arg,
    struct err *err);

/* -ENOENT. */
int preview_remove(struct store *store, const char *sandbox_id, int64_t id,
    struct err *err);

/* Removes what belongs to sandboxes that are no more: is_there(arg, id) says
 * which are. */
int service_sweep(struct store *store,
    bool (*is_there)(void *arg, const char *sandbox_id), void *arg,
    struct err *err);
