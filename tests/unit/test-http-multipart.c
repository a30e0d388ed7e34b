// SPDX-License-Identifier: Apache-2.0
/*
 * Bodies in parts, whole and in pieces of every size, taken at once and a byte
 * at a time: what comes of them has to be the same.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/engine/multipart.h"

#define TYPE   "multipart/form-data; boundary=xyz"
#define FORM   "Content-Disposition: form-data; name=\"f\""
#define PART   "--xyz\r\n" FORM "; filename=\"a\"\r\n\r\n"
#define END    "\r\n--xyz--\r\n"
#define FILE_OF(disposition) "--xyz\r\nContent-Disposition: form-data; " \
	"name=f; " disposition "\r\n\r\n" END

/* What is told, as text: "[filename|bytes]" a part, "." at the end. */
static char told[65536];
static size_t n_told;

static void
tell(const char *data, size_t size)
{
	assert(n_told + size < sizeof told);
	memcpy(told + n_told, data, size);
	n_told += size;
	told[n_told] = '\0';
}

static void
tell_event(struct multipart *multipart, enum multipart_event event)
{
	const char *name = multipart->part.filename;

	if (event == MULTIPART_PART) {
		tell("[", 1);
		tell(name != NULL ? name : "-", name != NULL ? strlen(name) :
		    1);
		tell("|", 1);
	} else if (event == MULTIPART_PART_END) {
		tell("]", 1);
	} else if (event == MULTIPART_END) {
		tell(".", 1);
	}
}

/* Gives it in pieces, of whose bytes at most so many are taken at a time. */
static const char *
read_in(const char *body, size_t size, size_t piece, size_t most)
{
	static struct multipart multipart;
	enum multipart_event event;
	size_t at = 0, n, used;

	n_told = 0;
	told[0] = '\0';
	assert(multipart_init(&multipart, TYPE) == NULL);
	while (at < size) {
		n = size - at < piece ? size - at : piece;
		event = multipart_next(&multipart, body + at, n, &used);
		at += used;
		tell_event(&multipart, event);
		if (event == MULTIPART_BAD)
			return multipart.problem;
		if (event == MULTIPART_BYTES) {
			n = multipart.bytes.size < most ?
			    multipart.bytes.size : most;
			tell(multipart.bytes.data, n);
			at += multipart_take(&multipart, n);
		} else if (event == MULTIPART_MORE) {
			assert(used == n);
		}
	}
	return multipart_is_whole(&multipart) ? NULL : "cut";
}

static void
check(const char *body, size_t size, const char *wanted)
{
	for (size_t piece = 1; piece <= size + 1; piece++)
		for (size_t most = 1; most < 12; most += 5) {
			const char *problem = read_in(body, size, piece, most);

			if (problem == NULL && strcmp(told, wanted) == 0)
				continue;
			fprintf(stderr, "%s\n%s\n%s: %s\n", body, wanted,
			    told, problem);
			abort();
		}
}

static const struct {
	const char *body, *told;
} good[] = {
    {"--xyz--", "."},
    {"--xyz--\r\nwhatever\r\n--xyz\r\n", "."},
    {PART "hello" END, "[a|hello]."},
    {PART END, "[a|]."},
    {PART "one\r\n" PART "two" END, "[a|one][a|two]."},
    /* what is almost a boundary */
    {PART "\r\n--xy\r\n--x\r\r\n-\r\n\r\n--xyy" END,
	"[a|\r\n--xy\r\n--x\r\r\n-\r\n\r\n--xyy]."},
    {PART "--xyz\r\n" END, "[a|--xyz\r\n]."},
    {"--xyz\r\n" FORM "\r\nContent-Type: text/plain\r\n"
	"Content-Transfer-Encoding: BINARY\r\nX:\r\n\r\nv" END, "[-|v]."},
    {"--xyz\r\ncontent-disposition:form-data;name=f;filename=b;x=y\r\n\r\n"
	END, "[b|]."},
    /* names */
    {FILE_OF("filename=\"a/b c.txt\""), "[a/b c.txt|]."},
    {FILE_OF("filename=\"\xc3\xa9\xff\""), "[\xc3\xa9\xff|]."},
    {FILE_OF("filename=\"%22%0d%0A%41\\\"\\\\\\a\""),
	"[\"\r\n%41\"\\\\\\a|]."},
    {FILE_OF("filename=\"x\"; filename*=utf-8''%e2%82%AC%20rates"),
	"[\xe2\x82\xac rates|]."},
    {FILE_OF("filename*=UTF-8'en'a%2Fb; filename=\"x\""), "[a/b|]."},
    {FILE_OF("filename=\"\""), "[|]."},
};

static const char *const bad[] = {
    "", "x", "\r\n" PART END, "--xyz", "--xyz-", "--xyz -- ", "--xyz\n\n",
    PART, PART "hello", PART "hello\r\n--xyz", PART "hello\r\n--xyz-",
    PART "hello\r\n--xyzz",
    "--xyz\r\n\r\n" END,
    "--xyz\r\nX: y\r\n\r\n" END,
    "--xyz\r\n" FORM "\n\r\n" END,
    "--xyz\r\n" FORM "\r\r\n\r\n" END,
    "--xyz\r\n" FORM "\r\n folded\r\n\r\n" END,
    "--xyz\r\n" FORM "\r\nnone\r\n\r\n" END,
    "--xyz\r\n" FORM "\r\n: none\r\n\r\n" END,
    "--xyz\r\n" FORM "\r\n" FORM "\r\n\r\n" END,
    "--xyz\r\n" FORM "\r\nContent-Transfer-Encoding: base64\r\n\r\n" END,
    "--xyz\r\nContent-Disposition: attachment; name=f\r\n\r\n" END,
    "--xyz\r\nContent-Disposition: form-datas; name=f\r\n\r\n" END,
    "--xyz\r\nContent-Disposition: form-data\r\n\r\n" END,
    FILE_OF("name=g"), FILE_OF("filename=a; filename=b"),
    FILE_OF("filename=\"a"), FILE_OF("filename=\"a\"b"),
    FILE_OF("filename"), FILE_OF("=a"), FILE_OF("filename=a b"),
    FILE_OF("filename*=latin1''a"), FILE_OF("filename*=UTF-8a"),
    FILE_OF("filename*=UTF-8''%00"), FILE_OF("filename*=UTF-8''%4"),
    FILE_OF("filename=\"a\x01\""),
};

static void
test_bodies(void)
{
	static const char zero[] = PART "a\0b" END;
	static const char zero_head[] = "--xyz\r\n" FORM "\0\r\n\r\n" END;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		check(good[i].body, strlen(good[i].body), good[i].told);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		for (size_t piece = 1; piece < 100; piece += 33)
			assert(read_in(bad[i], strlen(bad[i]), piece, 9) !=
			    NULL);
	assert(read_in(zero, sizeof zero - 1, 7, 9) == NULL);
	assert(n_told == 8 && memcmp(told, "[a|a\0b].", 8) == 0);
	assert(read_in(zero_head, sizeof zero_head - 1, 7, 9) != NULL);
}

/* Headers have a limit. */
static void
test_long(void)
{
	static char body[2 * MULTIPART_HEAD_MAX];
	const char *words;

	memset(body, 'x', sizeof body);
	memcpy(body, "--xyz\r\nX: ", 10);
	words = read_in(body, sizeof body, 1000, 9);
	assert(words != NULL && strstr(words, "too long") != NULL);
}

static void
test_types(void)
{
	static const char *const types[] = {NULL, "", "multipart/form-data",
	    "multipart/form-data; boundary=", "text/plain; boundary=a",
	    "multipart/form-data; boundary=\"a\xff\"",
	    "multipart/form-data; boundary=\"a \"",
	    "multipart/form-datas; boundary=a",
	    "multipart/mixed; boundary=a", "multipart/form-data; "
	    "boundary=0123456789012345678901234567890123456789012345678901234"
	    "5678901234567890"};
	struct multipart multipart;

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		assert(multipart_init(&multipart, types[i]) != NULL);
	assert(multipart_init(&multipart, "Multipart/Form-Data;charset=utf-8;"
	    " BOUNDARY=\"a b'()+_,-./:=?\"") == NULL);
	assert(strcmp(multipart.delimiter, "\r\n--a b'()+_,-./:=?") == 0);
}

int
main(void)
{
	test_bodies();
	test_long();
	test_types();
	return 0;
}
