// SPDX-License-Identifier: Apache-2.0
/* What gateway-depot is asked by gateway-http, which is in the network: paths,
 * patterns, types, and the frames that they come in. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/depot/answer.h"
#include "gateway/depot/index.h"
#include "gateway/depot/kind.h"
#include "gateway/depot/place.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[] = "/tmp/sandgate-fuzz-depot-XXXXXX";
static char id[INDEX_DISK_ID_SIZE] = "dk_1";
static struct index *store;
static const struct scope scope = {"acme", "ada", false, 0};

static void
clean_up(void)
{
	char command[64];

	index_close(store);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	(void)!system(command);
}

/* One artifact, as deep as may be. */
static void
set_up(void)
{
	struct index_artifact artifact = {.disk_id = id, .name = "n",
	    .mime = "text/plain", .meta = "{}", .sha256 = "00",
	    .kind = DEPOT_KIND_TEXT, .size = 1};
	char path[64], folder[PLACE_FOLDER_SIZE] = "/", old[INDEX_SHA256_SIZE];
	struct err err;

	assert(mkdtemp(dir) != NULL);
	snprintf(path, sizeof path, "%s/index.db", dir);
	assert(index_open(path, &store, &err) == 0);
	(void)atexit(clean_up);
	for (size_t i = 1; i + 2 < sizeof folder - 2; i++)
		folder[i] = i % 200 == 0 ? '/' : 'z';
	folder[sizeof folder - 4] = '/';
	artifact.folder = folder;
	assert(index_add_disk(store, &scope, "one", "", id, &err) == 0);
	assert(index_put(store, &scope, &artifact, old, &err) == 0);
}

static int
count_name(void *arg, const char *name)
{
	assert(strchr(name, '/') == NULL && *name != '\0');
	return ++*(int *)arg > 1 ? -1 : 0; /* there is but one in any folder */
}

static int
count_artifact(void *arg, const struct rpc_artifact_info *artifact)
{
	(void)artifact;
	++*(int *)arg;
	return 0;
}

static void
check_path(const char *text)
{
	char folder[PLACE_FOLDER_SIZE], again[2 * PLACE_FOLDER_SIZE];
	struct place place;
	struct err err;
	int n = 0;

	if (place_parse(text, &place, &err) == 0) {
		snprintf(again, sizeof again, "%s%s", place.folder,
		    place.name);
		assert(strcmp(again, text) == 0);
		assert(*place.name != '\0' && strchr(place.name, '/') == NULL);
		assert(strstr(place.folder, "/../") == NULL);
		assert(strcmp(place.name, "..") != 0);
		assert(kind_of(place.name, text) < N_DEPOT_KIND);
		assert(*kind_mime(place.name) != '\0');
	}
	if (place_parse_folder(text, folder, &err) == 0) {
		assert(*folder == '/' && folder[strlen(folder) - 1] == '/');
		assert(index_list_folders(store, &scope, id, folder,
		    count_name, &n, &err) == 0);
	}
}

/* However the bytes come, they are text or they are not. */
static void
check_text(const uint8_t *data, size_t size)
{
	struct kind_text whole = {0}, pieces = {0};

	kind_text_add(&whole, data, size);
	for (size_t i = 0; i < size; i += 3)
		kind_text_add(&pieces, data + i, size - i < 3 ? size - i : 3);
	assert(kind_text_is_good(&whole) == kind_text_is_good(&pieces));
}

static void
check_queries(const char *text)
{
	struct err err;
	int n = 0;

	if (index_glob(store, &scope, id, text, count_artifact, &n, &err) == 0)
		assert(n <= 1);
	n = 0;
	assert(index_list(store, &scope, id, "/", text, count_artifact, &n,
	    &err) == 0 && n == 0);
	assert(index_check_disk(store, &scope, text, &err) < 0 ||
	    strcmp(text, id) == 0 || strcmp(text, "one") == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct rpc_call *row;
	union rpc_any request;
	char *text = malloc(size + 1);

	if (store == NULL)
		set_up();
	assert(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	check_path(text);
	check_text(data, size);
	check_queries(text);
	for (size_t i = 0; (row = answer_row(i)) != NULL; i++)
		(void)rpc_decode(row->request, data, size, &request, NULL);
	free(text);
	return 0;
}
