// SPDX-License-Identifier: Apache-2.0
/*
 * What lines of JSON have in them, for those who read docs/openapi.yaml; what
 * is not required is in some alone. Nothing is printed by these tables.
 */
#include <stddef.h>

#include "gateway/http/dialect/native/native.h"

#define ALWAYS .required = "always"

/* What is common to all that run something. */
#define OUTPUT                                                                 \
	{"event", FIELD_STRING, .text = "what kind of line it is", ALWAYS},    \
	{"stream", FIELD_STRING, .text = "of bytes: stdout or stderr"},        \
	{"text", FIELD_STRING, .text = "the bytes, where they are UTF-8",      \
	    .is_nullable = true},                                              \
	{"base64", FIELD_STRING, .text = "the bytes, where they are not"},     \
	{"position", FIELD_U64, .text = "where they begin in what is kept"},   \
	{"next", FIELD_U64, .text = "and where what comes after them does"},   \
	{"bytes", FIELD_U64, .text = "of lost: how many are not told"},        \
	{"truncated", FIELD_BOOLEAN, .text = "whether some are lost"},         \
	{"exit_code", FIELD_U32, .text = "of exit: 128 and the signal's "      \
	    "number, where it was one"},                                       \
	{"timed_out", FIELD_BOOLEAN, .text = "whether its time was over"}

static const struct field output_fields[] = {
    OUTPUT,
    {"id", FIELD_U64, .text = "of start: the process's number"},
    {"pid", FIELD_U64, .text = "and what it is inside"},
    {"signal", FIELD_STRING, .text = "of exit: which ended it",
	.is_nullable = true},
    {"out_of_memory", FIELD_BOOLEAN, .text = "whether the kernel ended it "
	"for want of memory"},
    {"message", FIELD_STRING, .text = "of error: what went wrong"},
};
FIELD_TABLE(native_output_line, char, output_fields);

/* Of a result; docs/CONTEXTS.md says which has which. */
#define FORMS                                                                  \
	{"html", FIELD_STRING}, {"markdown", FIELD_STRING},                    \
	{"svg", FIELD_STRING}, {"latex", FIELD_STRING},                        \
	{"javascript", FIELD_STRING},                                          \
	{"json", FIELD_STRING, .text = "a value as JSON"},                     \
	{"png", FIELD_STRING, .text = "base64"},                               \
	{"jpeg", FIELD_STRING, .text = "base64"},                              \
	{"pdf", FIELD_STRING, .text = "base64"},                               \
	{"chart", FIELD_JSON, .text = "what a figure shows"},                  \
	{"data", FIELD_JSON, .text = "a table's columns"},                     \
	{"display_id", FIELD_STRING, .text = "what it may be updated by"},     \
	{"is_update", FIELD_BOOLEAN, .text = "whether it is in the place of "  \
	    "what was shown by that"}

static const struct field result_fields[] = {
    {"text", FIELD_STRING, .text = "as its language prints it"},
    {"is_main", FIELD_BOOLEAN, .text = "it is the value of the last "
	"expression", ALWAYS},
    FORMS,
};
FIELD_TABLE(native_run_result, char, result_fields);

static const struct field run_fields[] = {
    OUTPUT,
    {"process", FIELD_U64, .text = "of start: the context's process"},
    {"number", FIELD_U64, .text = "and how many runs it has had, or 0"},
    {"is_main", FIELD_BOOLEAN, .text = "of result: it is the value of the "
	"last expression"},
    FORMS,
    {"name", FIELD_STRING, .text = "of failure: the error's"},
    {"value", FIELD_STRING, .text = "its words"},
    {"traceback", FIELD_STRING, .text = "and where it was"},
    {"message", FIELD_STRING, .text = "of error: what went wrong"},
};
FIELD_TABLE(native_run_line, char, run_fields);

static const struct field log_fields[] = {
    {"at", FIELD_TIME, .text = "when it was written", ALWAYS},
    {"life", FIELD_U64, .text = "which start of the sandbox's", ALWAYS},
    {"process", FIELD_U64, .text = "its number", ALWAYS},
    {"stream", FIELD_STRING, .text = "stdout, stderr or started", ALWAYS},
    {"text", FIELD_STRING, .text = "the line, where it is UTF-8"},
    {"base64", FIELD_STRING, .text = "the line, where it is not"},
    {"partial", FIELD_BOOLEAN, .text = "whether it goes on in the next",
	ALWAYS},
};
FIELD_TABLE(native_log_line, char, log_fields);

static const struct field change_fields[] = {
    {"event", FIELD_STRING, .text = "watching, the first; created, written, "
	"removed, renamed (to elsewhere) or mode; and at last end, the folder "
	"is gone, overflow, some are lost, or error", ALWAYS},
    {"path", FIELD_STRING, .text = "of what did"},
    {"message", FIELD_STRING, .text = "of overflow and error: why"},
};
FIELD_TABLE(native_change_line, char, change_fields);
