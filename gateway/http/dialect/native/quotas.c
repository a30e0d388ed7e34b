// SPDX-License-Identifier: Apache-2.0
/* What an organisation may have and has. */
#include <stddef.h>

#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/quotas.h"

static const char *const units[] = {[QUOTA_COUNT] = "count",
    [QUOTA_BYTES] = "bytes", [QUOTA_MILLIS] = "millicpus", NULL};
static const char *const scopes[] = {[QUOTA_ORGANISATION] = "organisation",
    [QUOTA_USER] = "user", [QUOTA_DISK] = "disk", NULL};

#define VIEW(field) offsetof(struct quota_view, field)
static const struct field fields[] = {
    {"name", FIELD_STRING, VIEW(name), .text =
	"of the limit, as a refusal calls it"},
    {"scope", FIELD_U32, VIEW(scope), .words = scopes, .text =
	"whose it is: organisation; user, who asks; or disk, the fullest"},
    {"unit", FIELD_U32, VIEW(unit), .words = units, .text =
	"count, bytes, or millicpus: thousandths of a CPU"},
    {"used", FIELD_U64, VIEW(used), .text =
	"of it now, counted where the limit is kept"},
    {"limit", FIELD_U64, VIEW(limit), .text = "the most; 0 = no limit"},
    {"about", FIELD_STRING, VIEW(text), .text = "what counts"},
};
FIELD_TABLE(native_quota, struct quota_view, fields);

static void
on_quotas(void *arg, const struct quota_view *quotas, size_t n,
    const struct err *err)
{
	json_t *list;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	list = json_array();
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list, field_print(&native_quota,
		    &quotas[i]));
	exchange_reply(arg, 200, json_pack("{s:o}", "quotas", list));
}

void
native_list_quotas(struct exchange *exchange)
{
	quotas_get(exchange_who(exchange), on_quotas, exchange);
}
