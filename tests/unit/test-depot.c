// SPDX-License-Identifier: Apache-2.0
/* The store of gateway-depot without its process. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "gateway/depot/depot.h"
#include "gateway/depot/kind.h"
#include "gateway/depot/place.h"

#define ZEROES "0000000000000000000000000000000"
#define HASH_A "aa" ZEROES ZEROES
#define HASH_B "bb" ZEROES ZEROES

static char dir[] = "/tmp/sandgate-depot-XXXXXX";
static struct depot depot;
static struct err err;
static const struct scope acme = {"acme", "ada", false, 100},
    acme_own = {"acme", "bob", true, 100}, other = {"other", "eve", false, 0};

static void
test_places(void)
{
	static const char *const bad[] = {"", "a", "/", "//a", "/a/", "/a//b",
	    "/./a", "/a/../b", "/..", "/a\n", "/\xff"};
	char folder[PLACE_FOLDER_SIZE], path[1100];
	struct place place;

	assert(place_parse("/a", &place, &err) == 0);
	assert(strcmp(place.folder, "/") == 0 && strcmp(place.name, "a") == 0);
	assert(place_parse("/in/put/...x", &place, &err) == 0);
	assert(strcmp(place.folder, "/in/put/") == 0);
	assert(strcmp(place.name, "...x") == 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert(place_parse(bad[i], &place, &err) == -EINVAL);
	memset(path, 'a', sizeof path);
	path[0] = '/';
	path[256] = '\0'; /* a name of 255 */
	assert(place_parse(path, &place, &err) == 0);
	path[256] = 'a';
	path[257] = '\0';
	assert(place_parse(path, &place, &err) == -EINVAL);
	assert(place_parse_folder("", folder, &err) == 0 &&
	    strcmp(folder, "/") == 0);
	assert(place_parse_folder("/", folder, &err) == 0 &&
	    strcmp(folder, "/") == 0);
	assert(place_parse_folder("/a", folder, &err) == 0 &&
	    strcmp(folder, "/a/") == 0);
	assert(place_parse_folder("/a/", folder, &err) == 0 &&
	    strcmp(folder, "/a/") == 0);
	assert(place_parse_folder("/../", folder, &err) == -EINVAL);
}

static bool
is_text(const char *data, size_t size, size_t step)
{
	struct kind_text text = {0};

	for (size_t i = 0; i < size; i += step)
		kind_text_add(&text, data + i, size - i < step ? size - i :
		    step);
	return kind_text_is_good(&text);
}

static void
test_kinds(void)
{
	static const char good[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z";

	for (size_t step = 1; step < sizeof good; step++) {
		assert(is_text(good, sizeof good - 1, step));
		assert(!is_text(good, sizeof good, step)); /* a zero byte */
		assert(!is_text(good, sizeof good - 3, step)); /* half of one */
		assert(!is_text("ab\xff" "cd", 5, step));
	}
	assert(is_text("", 0, 1));
	assert(kind_of("a.txt", "text/plain") == DEPOT_KIND_TEXT);
	assert(kind_of("a.json", "text/plain") == DEPOT_KIND_JSON);
	assert(kind_of("a", "application/json; charset=utf-8") ==
	    DEPOT_KIND_JSON);
	assert(kind_of("a.CSV", "application/octet-stream") ==
	    DEPOT_KIND_CSV);
	assert(kind_of("a.py", "text/plain") == DEPOT_KIND_CODE);
	assert(kind_of("a.png", "image/png") == DEPOT_KIND_NONE);
	assert(strcmp(kind_mime("x.csv"), "text/csv") == 0);
	assert(strcmp(kind_mime("x"), "application/octet-stream") == 0);
}

static int
copy_disk(void *arg, const struct rpc_disk_info *disk)
{
	uint64_t *numbers = arg;

	numbers[0] = disk->n_artifacts;
	numbers[1] = disk->bytes;
	return 0;
}

static int
put(const struct scope *scope, const char *disk, const char *folder,
    const char *name, uint64_t size, const char *sha256, char *ret_old)
{
	const struct index_artifact artifact = {disk, folder, name,
	    "text/plain", "{}", sha256, DEPOT_KIND_TEXT, size};

	return index_put(depot.index, scope, &artifact, ret_old, &err);
}

static int
add_name(void *arg, const char *name)
{
	strcat(arg, name);
	strcat(arg, " ");
	return 0;
}

static int
add_artifact(void *arg, const struct rpc_artifact_info *artifact)
{
	strcat(arg, artifact->folder);
	return add_name(arg, artifact->name);
}

static void
test_index(void)
{
	char id[INDEX_DISK_ID_SIZE] = "dk_1", old[INDEX_SHA256_SIZE] = "";
	char names[512] = "";
	uint64_t numbers[2];

	assert(index_add_disk(depot.index, &acme, "one", "", id, &err) == 0);
	/* Nobody else's: another organisation, a member of his own alone. */
	assert(index_check_disk(depot.index, &acme, id, &err) == 0);
	assert(index_check_disk(depot.index, &other, id, &err) == -ENOENT);
	assert(index_check_disk(depot.index, &acme_own, id, &err) == -ENOENT);
	assert(put(&other, id, "/", "a", 1, HASH_A, old) == -ENOENT);
	assert(put(&acme_own, id, "/", "a", 1, HASH_A, old) == -ENOENT);

	assert(put(&acme, id, "/", "a", 60, HASH_A, old) == 0 && *old == '\0');
	assert(put(&acme, id, "/in/b/", "c", 41, HASH_B, old) == -EDQUOT);
	assert(strstr(err.text, "max_artifacts: organisation acme may have "
	    "100 bytes and has 60") != NULL);
	assert(put(&acme, id, "/in/b/", "c", 40, HASH_A, old) == 0);
	/* What is replaced makes room for what replaces it. */
	assert(put(&acme, id, "/", "a", 50, HASH_B, old) == 0);
	assert(strcmp(old, HASH_A) == 0);
	assert(put(&acme, id, "/in-a/", "x.py", 10, HASH_B, old) == 0);
	assert(index_get_disk(depot.index, &acme, id, copy_disk, numbers,
	    &err) == 0 && numbers[0] == 3 && numbers[1] == 100);
	assert(index_has_content(depot.index, "acme", HASH_A, &err) == 1);
	assert(index_has_content(depot.index, "other", HASH_A, &err) == 0);

	assert(index_list_folders(depot.index, &acme, id, "/", add_name, names,
	    &err) == 0 && strcmp(names, "in-a in ") == 0);
	*names = '\0';
	assert(index_list(depot.index, &acme, id, "/", "", add_artifact,
	    names, &err) == 0 && strcmp(names, "/a ") == 0);
	*names = '\0';
	assert(index_glob(depot.index, &acme, id, "*.py", add_artifact, names,
	    &err) == 0 && strcmp(names, "/in-a/x.py ") == 0);
	*names = '\0';
	assert(index_glob(depot.index, &acme, id, "/in*", add_artifact, names,
	    &err) == 0 && strcmp(names, "/in-a/x.py /in/b/c ") == 0);

	assert(index_remove(depot.index, &other, id, "/", "a", old, &err) ==
	    -ENOENT);
	assert(index_remove(depot.index, &acme, id, "/", "a", old, &err) == 0);
	assert(strcmp(old, HASH_B) == 0);
	assert(index_remove_disk(depot.index, &other, id, &err) == -ENOENT);
	assert(index_remove_disk(depot.index, &acme, id, &err) == 0);
	assert(index_has_content(depot.index, "acme", HASH_A, &err) == 0);
	/* And all of what it counted is gone. */
	assert(index_add_disk(depot.index, &acme, "two", "", id, &err) == 0);
	assert(put(&acme, id, "/", "a", 100, HASH_A, old) == 0);
}

static bool
is_there(const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

static void
write_content(uint64_t number, const char *org, const char *sha256,
    const char *text)
{
	auto_close int fd = -1;

	assert(content_begin(&depot.content, number, &fd, &err) == 0);
	assert(fd_write_all(fd, text, strlen(text)) == 0);
	if (sha256 != NULL)
		assert(content_place(&depot.content, number, fd, org, sha256,
		    &err) == 0);
}

/* Whoever was killed half-way left something that nobody names. */
static void
test_leftovers(void)
{
	auto_close int fd = -1;

	write_content(1, "acme", HASH_A, "wanted");
	write_content(2, "acme", HASH_B, "not wanted");
	write_content(3, "acme", NULL, "half");
	assert(is_there("incoming/3"));
	depot_close(&depot);
	assert(depot_open(&depot, dir, 0, &err) == 0);
	assert(!is_there("incoming/3"));
	for (int i = 0; i < 2000 && depot_is_sweeping(&depot); i++)
		loop_turn(&depot.loop, 100);
	assert(is_there("content/acme/aa/" HASH_A));
	assert(!is_there("content/acme/bb"));
	assert(content_read(&depot.content, "acme", HASH_A, 6, &fd, &err) ==
	    0);
	fd_close(&fd);
	assert(content_read(&depot.content, "acme", HASH_A, 7, &fd, &err) ==
	    -EIO);
	assert(content_read(&depot.content, "other", HASH_A, 6, &fd, &err) ==
	    -EIO);
	assert(index_forget(depot.index, "acme", &err) == 0);
	depot_sweep(&depot);
	for (int i = 0; i < 2000 && depot_is_sweeping(&depot); i++)
		loop_turn(&depot.loop, 100);
	assert(!is_there("content/acme"));
}

/* What others need of the same disk is not written on. */
static void
test_room(void)
{
	int fd = -1;

	depot.content.min_free_bytes = UINT64_C(1) << 60;
	assert(content_begin(&depot.content, 4, &fd, &err) == -ENOSPC);
	assert(strstr(err.text, "artifacts_min_free") != NULL);
	assert(fd == -1 && !is_there("incoming/4"));
	depot.content.min_free_bytes = 0;
	assert(content_begin(&depot.content, 4, &fd, &err) == 0);
	fd_close(&fd);
	content_drop(&depot.content, 4);
}

int
main(void)
{
	char command[256];

	assert(mkdtemp(dir) != NULL && loop_init(&depot.loop) == 0);
	assert(depot_open(&depot, dir, 0, &err) == 0);
	test_places();
	test_kinds();
	test_index();
	test_leftovers();
	test_room();
	depot_close(&depot);
	loop_fini(&depot.loop);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}
