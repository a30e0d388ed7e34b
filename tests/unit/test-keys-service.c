// SPDX-License-Identifier: Apache-2.0
#include "keys/service.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "keys/user.h"
#include "keys_fixture.h"

#define ID    "sb_0123456789ab"
#define OTHER "sb_0123456789ac"

static char dir[PATH_MAX];
static struct err err;
static int64_t old_id;

static struct service
made(const char *name, uint32_t port, enum service_auth auth)
{
	struct service service = {.port = port, .auth = auth,
	    .sandbox_id = ID};

	snprintf(service.name, sizeof service.name, "%.30s", name);
	return service;
}

static int
put(struct store *store, struct service service, const uint8_t *sha256)
{
	return service_put(store, &service, sha256, FIXTURE_NOW_MS, &old_id,
	    &err);
}

static void
test_refused(struct store *store)
{
	static const char *const names[] = {"", "Web", "1st", "a--b", "a-",
	    "-a", "a_b", "a.b"};
	static const char *const prefixes[] = {"api", "/a//b", "/a/../b",
	    "/.x", "/a%2f", "/a b", "/a?b"};
	static const char *const headers[] = {"", "Host", "cookie", "a b",
	    "X:Y"};
	const uint8_t sha256[SERVICE_SHA256_BYTES] = {1};
	struct service service;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert(put(store, made(names[i], 80, SERVICE_PUBLIC), NULL) ==
		    -EINVAL && strncmp(err.text, "name:", 5) == 0);
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		service = made("web", 80, SERVICE_PUBLIC);
		snprintf(service.prefix, sizeof service.prefix, "%s",
		    prefixes[i]);
		assert(put(store, service, NULL) == -EINVAL);
		assert(strncmp(err.text, "path_prefix:", 12) == 0);
	}
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		service = made("web", 80, SERVICE_HEADER);
		snprintf(service.header, sizeof service.header, "%s",
		    headers[i]);
		assert(put(store, service, sha256) == -EINVAL);
		assert(strncmp(err.text, "header:", 7) == 0);
	}
	assert(put(store, made("web", 0, SERVICE_PUBLIC), NULL) == -EINVAL);
	assert(put(store, made("web", 65536, SERVICE_PUBLIC), NULL) ==
	    -EINVAL);
	assert(put(store, made("web", 80, SERVICE_BEARER), NULL) == -EINVAL);
	assert(put(store, made("web", 80, SERVICE_PUBLIC), sha256) ==
	    -EINVAL);
	service = made("web", 80, SERVICE_PUBLIC);
	strcpy(service.methods, "GET,,POST");
	assert(put(store, service, NULL) == -EINVAL);
}

static int
count_one(void *arg, const struct service *service)
{
	(void)service;
	++*(int *)arg;
	return 0;
}

static void
test_services(struct store *store)
{
	uint8_t sha256[SERVICE_SHA256_BYTES];
	struct service found;
	int64_t id;
	int n = 0;

	crypto_hash_sha256(sha256, (const uint8_t *)"correct horse", 13);
	assert(put(store, made("web", 8000, SERVICE_BEARER), sha256) == 0);
	assert(old_id == 0);
	assert(service_find(store, ID, "web", 0, &found, &err) == 0);
	assert(found.port == 8000 && found.auth == SERVICE_BEARER);
	assert(service_is_secret(store, &found, "correct horse"));
	assert(!service_is_secret(store, &found, "correct horsf"));
	assert(!service_is_secret(store, &found, ""));
	assert(service_find(store, ID, "", 8000, &found, &err) == 0);
	assert(service_find(store, ID, "", 8001, &found, &err) == -ENOENT);
	assert(service_find(store, OTHER, "web", 0, &found, &err) == -ENOENT);
	/* In its place: another number, so that what was opened by the old
	 * one can be told apart. */
	id = found.id;
	assert(put(store, made("web", 8001, SERVICE_PUBLIC), NULL) == 0);
	assert(old_id == id);
	assert(service_find(store, ID, "web", 0, &found, &err) == 0);
	assert(found.id != id && found.port == 8001);
	assert(!service_is_secret(store, &found, "correct horse"));
	for (int i = 0; i < SERVICES_MAX - 1; i++) {
		char name[16];

		snprintf(name, sizeof name, "s%d", i);
		assert(put(store, made(name, 80, SERVICE_PREVIEW), NULL) ==
		    0);
	}
	assert(put(store, made("more", 80, SERVICE_PREVIEW), NULL) ==
	    -EDQUOT);
	assert(put(store, made("web", 80, SERVICE_PREVIEW), NULL) == 0);
	assert(service_list(store, ID, count_one, &n, &err) == 0);
	assert(n == SERVICES_MAX);
	assert(service_remove(store, ID, "web", &id, &err) == 0);
	assert(service_remove(store, ID, "web", &id, &err) == -ENOENT);
}

static bool
is_there(void *arg, const char *id)
{
	return strcmp(arg, id) == 0;
}

static void
test_previews(struct store *store, int64_t user_id)
{
	const int64_t now = FIXTURE_NOW_MS;
	char text[TOKEN_SIZE];
	struct preview preview, found;
	struct service service;

	assert(preview_create(store, user_id, ID, 80, 999, now, text,
	    &preview, &err) == -EINVAL);
	assert(preview_create(store, user_id, ID, 0, 5000, now, text,
	    &preview, &err) == -EINVAL);
	assert(preview_create(store, user_id, ID, 80, 5000, now, text,
	    &preview, &err) == 0);
	assert(preview_verify(store, text, ID, 80, now, &found, &err) == 1);
	assert(found.id == preview.id && found.user_id == user_id);
	assert(preview_verify(store, text, ID, 0, now, &found, &err) == 1);
	assert(preview_verify(store, text, ID, 81, now, &found, &err) == 0);
	assert(preview_verify(store, text, OTHER, 80, now, &found, &err) ==
	    0);
	assert(preview_verify(store, "sg_", ID, 80, now, &found, &err) == 0);
	assert(preview_verify(store, text, ID, 80, now + 5000, &found,
	    &err) == 0);
	assert(preview_renew(store, user_id, ID, preview.id, 9000, now,
	    &found, &err) == 0);
	assert(found.id == preview.id && found.expires_ms == now + 9000);
	assert(preview_renew(store, user_id, ID, preview.id, 5000, now,
	    &found, &err) == 0 && found.expires_ms == now + 9000);
	assert(preview_verify(store, text, ID, 80, now + 5000, &found,
	    &err) == 1);
	assert(preview_renew(store, user_id, ID, preview.id, 999, now,
	    &found, &err) == -EINVAL);
	assert(preview_renew(store, user_id + 1, ID, preview.id, 5000, now,
	    &found, &err) == -ENOENT);
	assert(preview_renew(store, user_id, OTHER, preview.id, 5000, now,
	    &found, &err) == -ENOENT);
	assert(preview_renew(store, user_id, ID, preview.id, 5000,
	    now + 9000, &found, &err) == -ENOENT);
	assert(preview_remove(store, OTHER, preview.id, &err) == -ENOENT);
	assert(preview_remove(store, ID, preview.id, &err) == 0);
	assert(preview_verify(store, text, ID, 80, now, &found, &err) == 0);
	/* All that is of a sandbox goes with it. */
	assert(preview_create(store, user_id, ID, 80, 5000, now, text,
	    &preview, &err) == 0);
	assert(service_sweep(store, is_there, (void *)(uintptr_t)ID,
	    &err) == 0);
	assert(preview_verify(store, text, ID, 80, now, &found, &err) == 1);
	assert(service_sweep(store, is_there, (void *)(uintptr_t)OTHER,
	    &err) == 0);
	assert(preview_verify(store, text, ID, 80, now, &found, &err) == 0);
	assert(service_find(store, ID, "s0", 0, &service, &err) == -ENOENT);
}

int
main(void)
{
	struct store *store;
	int64_t user_id;

	fixture_make(dir);
	store = fixture_open(dir);
	assert(user_find(store, STORE_DEFAULT_ORG, STORE_DEFAULT_USER,
	    &user_id, &err) == 0);
	test_refused(store);
	test_services(store);
	test_previews(store, user_id);
	store_close(store);
	fixture_remove(dir);
	return 0;
}
