// SPDX-License-Identifier: Apache-2.0
#include "gateway/depot/grep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/utf8.h"
#include "gateway/depot/place.h"

#define LIST_SIZE 131072
#define TEXT_SIZE 512

struct grep {
	struct crew_job job;
	LIST_ENTRY(grep) link;
	struct holder *holder; /* the loop's; NULL: gone */
	struct depot *depot;
	struct holder_scope whose;
	bool is_first;
	int result; /* of the last artifact, and why */
	struct err err;
	uint32_t call_id, limit;
	char disk_id[INDEX_DISK_ID_SIZE], query[256];
	struct place at; /* the last that was looked at; "" = none */
	struct rpc_list list;
	uint8_t bytes[LIST_SIZE];
};

/* The line that has it, cut to whole characters. */
static void
copy_line(const char *text, size_t size, size_t at, char ret[TEXT_SIZE])
{
	size_t from = at, n, i = 0;
	int step;

	while (from > 0 && text[from - 1] != '\n')
		from--;
	for (n = 0; from + n < size && text[from + n] != '\n'; n++)
		;
	if (n > 0 && text[from + n - 1] == '\r')
		n--;
	while (i < n && (step = utf8_first((const uint8_t *)text + from + i,
	    n - i)) > 0 && i + (size_t)step < TEXT_SIZE)
		i += (size_t)step;
	memcpy(ret, text + from, i);
	ret[i] = '\0';
}

static int
add(struct grep *grep, const struct rpc_artifact_info *artifact,
    const char *text, size_t size, size_t at)
{
	struct rpc_artifact_info found = *artifact;
	char line[TEXT_SIZE];

	found.line = 1;
	for (size_t i = 0; i < at; i++)
		found.line += text[i] == '\n';
	copy_line(text, size, at, line);
	found.text = line;
	return rpc_list_add(&grep->list, &rpc_layout_artifact_info, &found);
}

static int
look(void *arg, const struct rpc_artifact_info *artifact)
{
	struct grep *grep = arg;
	const size_t size = (size_t)artifact->size;
	auto_close int fd = -1;
	auto_free char *text = malloc(size + 1);
	const char *found;
	struct err err;

	snprintf(grep->at.folder, sizeof grep->at.folder, "%s",
	    artifact->folder);
	snprintf(grep->at.name, sizeof grep->at.name, "%s", artifact->name);
	if (text == NULL || content_read(&grep->depot->content, grep->whose.org,
	    artifact->sha256, size, &fd, &err) < 0 ||
	    fd_read_all(fd, text, size) < 0)
		return 0; /* who reads it is told */
	found = memmem(text, size, grep->query, strlen(grep->query));
	return found == NULL ? 0 :
	    add(grep, artifact, text, size, (size_t)(found - text));
}

/* One artifact, and then others have their turn. */
static void
run(struct crew_job *job, struct index *index)
{
	struct grep *grep = (struct grep *)job;
	const struct scope *scope = &grep->whose.scope;
	int r = grep->is_first ? index_check_disk(index, scope,
	    grep->disk_id, &grep->err) : 0;

	grep->is_first = false;
	grep->result = r < 0 ? r : index_next_text(index, scope,
	    grep->disk_id, grep->at.folder, grep->at.name, look, grep,
	    &grep->err);
}

static void
end(struct grep *grep)
{
	struct rpc_server *server = &grep->holder->server;
	const struct rpc_artifact_search_rep reply = {
	    .more = grep->result != 0,
	    .artifacts = rpc_list_bytes(&grep->list)};

	if (grep->result < 0 && grep->result != -EMSGSIZE)
		rpc_server_error(server, rpc_call_artifact_grep.number,
		    grep->call_id, &grep->err);
	else
		rpc_server_reply(server, &rpc_call_artifact_grep,
		    grep->call_id, &reply, NULL, 0);
	LIST_REMOVE(grep, link);
}

static void
on_run(struct crew_job *job)
{
	struct grep *grep = (struct grep *)job;

	if (grep->holder != NULL && grep->result > 0 &&
	    grep->list.count < grep->limit) {
		crew_submit(grep->depot->crew, CREW_BYTES, job);
		return;
	}
	if (grep->holder != NULL)
		end(grep);
	free(grep);
}

int
grep_begin(struct holder *holder,
    const struct rpc_artifact_search_req *request, uint32_t call_id,
    struct err *err)
{
	struct grep *grep;
	unsigned n = 0;

	LIST_FOREACH(grep, &holder->greps, link)
		n++;
	if (n >= GREPS_MAX)
		return err_set(err, EUSERS, "grep: %d are under way already",
		    GREPS_MAX);
	grep = calloc(1, sizeof *grep);
	if (grep == NULL)
		return err_set(err, ENOMEM, "out of memory");
	grep->holder = holder;
	grep->depot = holder->depot;
	grep->is_first = true;
	holder_copy_scope(holder, &grep->whose);
	grep->job = (struct crew_job){.org = grep->whose.org, .run = run,
	    .done = on_run};
	grep->call_id = call_id;
	grep->limit = request->limit;
	grep->list = (struct rpc_list){.data = grep->bytes,
	    .size = sizeof grep->bytes};
	snprintf(grep->disk_id, sizeof grep->disk_id, "%s", request->disk_id);
	snprintf(grep->query, sizeof grep->query, "%s", request->query);
	LIST_INSERT_HEAD(&holder->greps, grep, link);
	crew_submit(holder->depot->crew, CREW_BYTES, &grep->job);
	return 0;
}

void
greps_drop(struct holder *holder)
{
	struct grep *grep;

	while ((grep = LIST_FIRST(&holder->greps)) != NULL) {
		LIST_REMOVE(grep, link);
		grep->holder = NULL;
	}
}
