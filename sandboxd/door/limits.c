// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/limits.h"

#include <errno.h>

#include "sandboxd/sizes.h"

/* One that is outside its bounds is refused by name, and with whose bound it
 * is; what was not said is there already, or fits. */
static int
choose(const char *field, uint64_t asked, uint64_t initial, uint64_t min,
    struct ceiling max, uint64_t *ret, struct err *err)
{
	if (asked == 0)
		asked = initial < max.value ? initial : max.value;
	if (asked < min || asked > max.value)
		return err_set(err, EINVAL,
		    "%s: %llu is not from %llu to %llu, the most that %s one "
		    "sandbox", field, (unsigned long long)asked,
		    (unsigned long long)min, (unsigned long long)max.value,
		    max.is_host ? "this host can give" :
		    "its configuration allows");
	*ret = asked;
	return 0;
}

static int
apply_size(const struct settings *settings, struct limits_wish *wish,
    struct err *err)
{
	struct size size;
	int r;

	if (wish->size[0] == '\0')
		return 0;
	r = size_find(settings->sizes, wish->size, &size, err);
	if (r < 0)
		return r;
	if (wish->memory_bytes == 0)
		wish->memory_bytes = size.memory_bytes;
	if (wish->cpu_millis == 0)
		wish->cpu_millis = size.cpu_millis;
	if (wish->disk_bytes == 0)
		wish->disk_bytes = size.disk_bytes;
	return 0;
}

static uint64_t
either(uint64_t first, uint64_t otherwise)
{
	return first != 0 ? first : otherwise;
}

/* What one has for which nothing is wished. */
static struct sandbox_record
new_one(const struct settings *s, const struct limits_wish *otherwise)
{
	return (struct sandbox_record){
	    .memory_limit_bytes = either(otherwise->memory_bytes,
		s->memory_limit_bytes),
	    .pids_limit = (uint32_t)either(otherwise->pids, s->pids_limit),
	    .cpu_limit_millis = (uint32_t)either(otherwise->cpu_millis,
		s->cpu_limit_millis),
	    .disk_limit_bytes = either(otherwise->disk_bytes,
		s->disk_limit_bytes)};
}

static int
check_disk(const struct sandbox_record *before, uint64_t wanted_bytes,
    struct err *err)
{
	if (before == NULL || wanted_bytes >= before->disk_limit_bytes)
		return 0;
	return err_set(err, EINVAL, "disk_limit_bytes: %llu is less than what "
	    "it has, %llu; a disk only grows",
	    (unsigned long long)wanted_bytes,
	    (unsigned long long)before->disk_limit_bytes);
}

int
limits_choose(const struct settings *s, const struct ceilings *ceilings,
    const struct limits_wish *said, const struct limits_wish *otherwise,
    const struct sandbox_record *before, struct sandbox_record *ret,
    struct err *err)
{
	static const struct limits_wish nothing = {0};
	struct limits_wish wish = *said;
	const struct sandbox_record initial = before != NULL ? *before :
	    new_one(s, otherwise != NULL ? otherwise : &nothing);
	uint64_t memory = 0, pids = 0, cpu = 0, disk = 0;
	int r;

	if ((r = apply_size(s, &wish, err)) < 0 ||
	    (r = choose("memory_limit_bytes", wish.memory_bytes,
	    initial.memory_limit_bytes, 32 << 20, ceilings->memory_bytes,
	    &memory, err)) < 0 ||
	    (r = choose("pids_limit", wish.pids, initial.pids_limit, 16,
	    ceilings->pids, &pids, err)) < 0 ||
	    (r = choose("cpu_limit_millis", wish.cpu_millis,
	    initial.cpu_limit_millis, 10, ceilings->cpu_millis, &cpu,
	    err)) < 0 ||
	    (r = choose("disk_limit_bytes", wish.disk_bytes,
	    initial.disk_limit_bytes, 16 << 20, ceilings->disk_bytes, &disk,
	    err)) < 0 ||
	    (r = check_disk(before, disk, err)) < 0)
		return r;
	ret->memory_limit_bytes = memory;
	ret->pids_limit = (uint32_t)pids;
	ret->cpu_limit_millis = (uint32_t)cpu;
	ret->disk_limit_bytes = disk;
	return 0;
}
