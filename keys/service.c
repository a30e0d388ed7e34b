// SPDX-License-Identifier: Apache-2.0
#include "keys/service.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "keys/statement.h"

#define TOKEN_LETTERS "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Sandboxes looked at by one sweep. */
#define SWEEP_MAX 256

static bool
is_name(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= SERVICE_NAME_MAX && *name >= 'a' &&
	    *name <= 'z' && name[n - 1] != '-' &&
	    strstr(name, "--") == NULL &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static bool
is_token(const char *text)
{
	return *text != '\0' && text[strspn(text, TOKEN_LETTERS)] == '\0';
}

/* What else the proxy reads, or makes anew. */
static bool
is_header_taken(const char *header)
{
	static const char *const taken[] = {"host", "connection", "cookie",
	    "content-length", "transfer-encoding", "upgrade", "expect", "te",
	    "trailer", "keep-alive", "sandgate-preview"};

	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (strcasecmp(header, taken[i]) == 0)
			return true;
	return false;
}

/* "GET,POST": tokens by commas. */
static bool
are_methods(const char *methods)
{
	size_t n;

	if (*methods == '\0')
		return true;
	for (;; methods += n + 1) {
		n = strspn(methods, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		if (n == 0 || n > 16)
			return false;
		if (methods[n] == '\0')
			return true;
		if (methods[n] != ',')
			return false;
	}
}

/* Letters that mean themselves in a path, however it is read. */
static bool
is_prefix(const char *prefix)
{
	return *prefix == '\0' || (*prefix == '/' &&
	    strstr(prefix, "//") == NULL && strstr(prefix, "/.") == NULL &&
	    prefix[strspn(prefix, "/-._~0123456789"
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0');
}

static int
check_port(uint32_t port, struct err *err)
{
	return port >= 1 && port <= UINT16_MAX ? 0 :
	    err_set(err, EINVAL, "port: 1 to 65535, not %u", port);
}

static int
check(const struct service *service, bool has_secret, struct err *err)
{
	const bool wants_secret = service->auth == SERVICE_BEARER ||
	    service->auth == SERVICE_HEADER;

	if (!is_name(service->name))
		return err_set(err, EINVAL, "name: 1 to %d of a-z, 0-9 and "
		    "single -, beginning with a letter", SERVICE_NAME_MAX);
	if (service->auth >= N_SERVICE_AUTH)
		return err_set(err, EINVAL, "auth: preview, none, bearer or "
		    "header");
	if (service->auth == SERVICE_HEADER ? !is_token(service->header) ||
	    is_header_taken(service->header) : *service->header != '\0')
		return err_set(err, EINVAL, "header: of auth \"header\", and "
		    "the name of one that has no other meaning");
	if (wants_secret != has_secret)
		return err_set(err, EINVAL, "token: %s", wants_secret ?
		    "what has to be shown" : "of auth bearer and header alone");
	if (!are_methods(service->methods))
		return err_set(err, EINVAL, "methods: such as GET and POST");
	if (!is_prefix(service->prefix))
		return err_set(err, EINVAL, "path_prefix: begins with /, of "
		    "letters, digits and /-._~, without // and /.");
	if (service->timeout_s > SERVICE_TIMEOUT_MAX_S)
		return err_set(err, EINVAL, "timeout: at most %d s",
		    SERVICE_TIMEOUT_MAX_S);
	if (service->rate > SERVICE_RATE_MAX ||
	    service->burst > SERVICE_RATE_MAX)
		return err_set(err, EINVAL, "rate_limit: at most %d",
		    SERVICE_RATE_MAX);
	return check_port(service->port, err);
}

static void
read_row(sqlite3_stmt *stmt, struct service *ret)
{
	const void *hash = sqlite3_column_blob(stmt, 12);

	*ret = (struct service){.id = sqlite3_column_int64(stmt, 0),
	    .port = (uint32_t)sqlite3_column_int64(stmt, 3),
	    .auth = (enum service_auth)sqlite3_column_int64(stmt, 4),
	    .timeout_s = (uint32_t)sqlite3_column_int64(stmt, 8),
	    .rate = (uint32_t)sqlite3_column_int64(stmt, 9),
	    .burst = (uint32_t)sqlite3_column_int64(stmt, 10),
	    .has_resume = sqlite3_column_int64(stmt, 11) != 0,
	    .created_ms = sqlite3_column_int64(stmt, 13)};
	statement_text(stmt, 1, ret->sandbox_id, sizeof ret->sandbox_id);
	statement_text(stmt, 2, ret->name, sizeof ret->name);
	statement_text(stmt, 5, ret->header, sizeof ret->header);
	statement_text(stmt, 6, ret->methods, sizeof ret->methods);
	statement_text(stmt, 7, ret->prefix, sizeof ret->prefix);
	if (hash != NULL &&
	    sqlite3_column_bytes(stmt, 12) == TOKEN_HASH_BYTES)
		memcpy(ret->hash, hash, TOKEN_HASH_BYTES);
}

int
service_put(struct store *store, struct service *service,
    const uint8_t sha256[SERVICE_SHA256_BYTES], int64_t now_ms,
    int64_t *ret_old_id, struct err *err)
{
	struct service old;
	int64_t n = 0;
	int r = check(service, sha256 != NULL, err);

	*ret_old_id = 0;
	if (r < 0)
		return r;
	r = service_find(store, service->sandbox_id, service->name, 0, &old,
	    err);
	if (r == 0)
		*ret_old_id = old.id;
	else if (r != -ENOENT)
		return r;
	r = statement_count(store, statement_bind(store,
	    STATEMENT_SERVICE_COUNT, "s", service->sandbox_id), &n, err);
	if (r == 0 && *ret_old_id == 0 && n >= SERVICES_MAX) {
		err_set(err, EDQUOT, "the sandbox has %d services, which "
		    "is as many as one may have", SERVICES_MAX);
		r = err_cause(err, "services");
	}
	if (r < 0)
		return r;
	memset(service->hash, 0, sizeof service->hash);
	if (sha256 != NULL)
		token_hash(store, sha256, SERVICE_SHA256_BYTES, service->hash);
	r = statement_step(store, statement_bind(store, STATEMENT_SERVICE_PUT,
	    "ssiisssiiiibi", service->sandbox_id, service->name,
	    (int64_t)service->port, (int64_t)service->auth, service->header,
	    service->methods, service->prefix, (int64_t)service->timeout_s,
	    (int64_t)service->rate, (int64_t)service->burst,
	    (int64_t)service->has_resume, (const void *)service->hash,
	    sizeof service->hash, now_ms), err);
	if (r < 0)
		return err_wrap(err, "service %s", service->name);
	service->id = sqlite3_last_insert_rowid(store->db);
	service->created_ms = now_ms;
	return 0;
}

int
service_find(struct store *store, const char *sandbox_id, const char *name,
    uint32_t port, struct service *ret, struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_SERVICE_FIND, "ssi", sandbox_id, name, (int64_t)port);
	int r = statement_step(store, stmt, err);

	if (r == 0)
		return err_set(err, ENOENT, "no such service");
	if (r > 0)
		read_row(stmt, ret);
	return r < 0 ? r : 0;
}

bool
service_is_secret(const struct store *store, const struct service *service,
    const char *secret)
{
	uint8_t sha256[SERVICE_SHA256_BYTES], hash[TOKEN_HASH_BYTES];

	crypto_hash_sha256(sha256, (const uint8_t *)secret, strlen(secret));
	token_hash(store, sha256, sizeof sha256, hash);
	return sodium_memcmp(hash, service->hash, sizeof hash) == 0;
}

int
service_list(struct store *store, const char *sandbox_id,
    int (*each)(void *arg, const struct service *service), void *arg,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_SERVICE_LIST, "s", sandbox_id);
	int r;

	while ((r = statement_step(store, stmt, err)) > 0) {
		struct service service;

		read_row(stmt, &service);
		r = each(arg, &service);
		if (r != 0)
			return r;
	}
	return r;
}

int
service_remove(struct store *store, const char *sandbox_id, const char *name,
    int64_t *ret_id, struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_SERVICE_REMOVE, "ss", sandbox_id, name);
	int r = statement_step(store, stmt, err);

	if (r == 0)
		return err_set(err, ENOENT, "no service \"%s\"", name);
	if (r < 0)
		return r;
	*ret_id = sqlite3_column_int64(stmt, 0);
	return statement_step(store, stmt, err);
}

static void
read_preview(sqlite3_stmt *stmt, struct preview *ret)
{
	*ret = (struct preview){.id = sqlite3_column_int64(stmt, 0),
	    .user_id = sqlite3_column_int64(stmt, 1),
	    .port = (uint32_t)sqlite3_column_int64(stmt, 3),
	    .created_ms = sqlite3_column_int64(stmt, 4),
	    .expires_ms = sqlite3_column_int64(stmt, 5)};
	statement_text(stmt, 2, ret->sandbox_id, sizeof ret->sandbox_id);
}

static int
check_ttl(uint64_t ttl_ms, struct err *err)
{
	if (ttl_ms >= 1000 && ttl_ms <= PREVIEW_TTL_MAX_MS)
		return 0;
	return err_set(err, EINVAL, "ttl_seconds: 1 to %llu",
	    PREVIEW_TTL_MAX_MS / 1000);
}

int
preview_create(struct store *store, int64_t user_id, const char *sandbox_id,
    uint32_t port, uint64_t ttl_ms, int64_t now_ms, char ret_text[TOKEN_SIZE],
    struct preview *ret, struct err *err)
{
	uint8_t hash[TOKEN_HASH_BYTES];
	struct preview preview = {.user_id = user_id, .port = port,
	    .created_ms = now_ms, .expires_ms = now_ms + (int64_t)ttl_ms};
	int64_t n = 0;
	int r = check_port(port, err);

	if (r == 0)
		r = check_ttl(ttl_ms, err);
	if (r == 0)
		r = statement_step(store, statement_bind(store,
		    STATEMENT_PREVIEW_EXPIRE, "i", now_ms), err);
	if (r == 0)
		r = statement_count(store, statement_bind(store,
		    STATEMENT_PREVIEW_COUNT, "s", sandbox_id), &n, err);
	if (r == 0 && n >= PREVIEWS_MAX) {
		err_set(err, EDQUOT, "the sandbox has %d previews, which "
		    "is as many as one may have; remove one, or wait until "
		    "one expires", PREVIEWS_MAX);
		r = err_cause(err, "previews");
	}
	if (r < 0)
		return r;
	token_make(ret_text);
	token_hash(store, ret_text, strlen(ret_text), hash);
	r = statement_step(store, statement_bind(store, STATEMENT_PREVIEW_ADD,
	    "isibii", user_id, sandbox_id, (int64_t)port, (const void *)hash,
	    sizeof hash, now_ms, preview.expires_ms), err);
	if (r < 0)
		return err_wrap(err, "preview");
	preview.id = sqlite3_last_insert_rowid(store->db);
	snprintf(preview.sandbox_id, sizeof preview.sandbox_id, "%s",
	    sandbox_id);
	*ret = preview;
	return 0;
}

int
preview_renew(struct store *store, int64_t user_id, const char *sandbox_id,
    int64_t id, uint64_t ttl_ms, int64_t now_ms, struct preview *ret,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt = NULL;
	int r = check_ttl(ttl_ms, err);

	if (r < 0)
		return r;
	stmt = statement_bind(store, STATEMENT_PREVIEW_RENEW, "siiii",
	    sandbox_id, id, user_id, now_ms, now_ms + (int64_t)ttl_ms);
	r = statement_step(store, stmt, err);
	if (r == 0)
		return err_set(err, ENOENT, "no preview %lld of yours",
		    (long long)id);
	if (r < 0)
		return r;
	read_preview(stmt, ret);
	return statement_step(store, stmt, err);
}

int
preview_verify(struct store *store, const char *text, const char *sandbox_id,
    uint32_t port, int64_t now_ms, struct preview *ret, struct err *err)
{
	uint8_t hash[TOKEN_HASH_BYTES];
	auto_statement sqlite3_stmt *stmt = NULL;
	int r;

	token_hash(store, text, strlen(text), hash);
	stmt = statement_bind(store, STATEMENT_PREVIEW_VERIFY, "bsii",
	    (const void *)hash, sizeof hash, sandbox_id, (int64_t)port,
	    now_ms);
	r = statement_step(store, stmt, err);
	if (r > 0)
		read_preview(stmt, ret);
	return r;
}

int
preview_list(struct store *store, const char *sandbox_id, int64_t now_ms,
    int (*each)(void *arg, const struct preview *preview), void *arg,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_PREVIEW_LIST, "si", sandbox_id, now_ms);
	int r;

	while ((r = statement_step(store, stmt, err)) > 0) {
		struct preview preview;

		read_preview(stmt, &preview);
		r = each(arg, &preview);
		if (r != 0)
			return r;
	}
	return r;
}

int
preview_remove(struct store *store, const char *sandbox_id, int64_t id,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_PREVIEW_REMOVE, "si", sandbox_id, id);
	int r = statement_step(store, stmt, err);

	if (r == 0)
		return err_set(err, ENOENT, "no preview %lld", (long long)id);
	return r < 0 ? r : statement_step(store, stmt, err);
}

static int
remove_all(struct store *store, const char *sandbox_id, struct err *err)
{
	int r = statement_step(store, statement_bind(store,
	    STATEMENT_SERVICE_FORGET, "s", sandbox_id), err);

	return r < 0 ? r : statement_step(store, statement_bind(store,
	    STATEMENT_PREVIEW_FORGET, "s", sandbox_id), err);
}

int
service_sweep(struct store *store,
    bool (*is_there)(void *arg, const char *sandbox_id), void *arg,
    struct err *err)
{
	static char gone[SWEEP_MAX][SANDBOX_ID_SIZE];
	size_t n = 0;
	int r;

	{
		auto_statement sqlite3_stmt *stmt = statement_bind(store,
		    STATEMENT_SERVICE_SANDBOXES, "");

		while (n < SWEEP_MAX &&
		    (r = statement_step(store, stmt, err)) > 0) {
			statement_text(stmt, 0, gone[n], SANDBOX_ID_SIZE);
			n += !is_there(arg, gone[n]);
		}
	}
	r = 0;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = remove_all(store, gone[i], err);
	return r;
}
