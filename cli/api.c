// SPDX-License-Identifier: Apache-2.0
#include "cli/api.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/api_of.h"
#include "cli/progress.h"
#include "common/fd.h"
#include "common/json_load.h"
#include "common/parse.h"

#define REPLY_MAX	  (64u << 20)
#define CONNECT_TIMEOUT_S 10L
#define CALL_TIMEOUT_S	  120L
#define PATH_MAX_BYTES	  512
#define URL_MAX_BYTES	  2048

/* Whether these are the words of an error, which are text always. */
static bool
is_refusal(const struct api_answer *answer)
{
	long status = 0;

	curl_easy_getinfo(answer->curl, CURLINFO_RESPONSE_CODE, &status);
	return status >= 400;
}

/* Those that are whole; 0: one is to be the last. */
static size_t
take_lines(struct api_answer *answer, size_t size)
{
	char *start = answer->text, *end;
	size_t left = answer->size;

	while ((end = memchr(start, '\n', left)) != NULL) {
		auto_json json_t *line =
		    json_load_whole(start, (size_t)(end - start), 0, NULL);

		if (line != NULL && !answer->line(answer->line_arg, line))
			return 0;
		left -= (size_t)(end + 1 - start);
		start = end + 1;
	}
	memmove(answer->text, start, left);
	answer->size = left;
	return size;
}

static size_t
on_data(char *data, size_t one, size_t size, void *user)
{
	struct api_answer *answer = user;
	char *grown;

	(void)one;
	if (answer->file != NULL && !is_refusal(answer))
		return fwrite(data, 1, size, answer->file);
	if (answer->size + size > REPLY_MAX)
		return 0;
	grown = realloc(answer->text, answer->size + size + 1);
	if (grown == NULL)
		return 0;
	answer->text = grown;
	memcpy(grown + answer->size, data, size);
	answer->size += size;
	return answer->line != NULL && !is_refusal(answer)
		   ? take_lines(answer, size)
		   : size;
}

/* What is followed may say nothing for long, and who read it be gone. */
static int
on_progress(void *user, curl_off_t down_size, curl_off_t down,
    curl_off_t up_size, curl_off_t up)
{
	struct pollfd output = {.fd = STDOUT_FILENO};

	(void)user;
	(void)down_size;
	(void)down;
	(void)up_size;
	(void)up;
	return poll(&output, 1, 0) > 0 && (output.revents & POLLERR) != 0;
}

/* The socket is there, but not for this user: whose it is. */
static int
access_error(const char *path, struct err *err)
{
	const struct group *group = NULL;
	struct stat st;

	if (stat(path, &st) == 0)
		group = getgrgid(st.st_gid);
	if (group == NULL || st.st_gid == 0)
		return err_set(err, ENOTCONN,
		    "cannot reach the API at %s: "
		    "%s; use sudo",
		    path, strerror(EACCES));
	return err_set(err, ENOTCONN,
	    "cannot reach the API at %s: %s; use "
	    "sudo, or join group %s (sudo usermod -aG %s USER) and log in "
	    "again",
	    path, strerror(EACCES), group->gr_name, group->gr_name);
}

/* Why nothing connects to the socket, and what would help. libcurl only says
 * that it could not, and of a host that nobody asked for. */
static int
socket_error(const char *path, const char *words, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const char *advice = "is the service running?";

	if ((size_t)snprintf(address.sun_path, sizeof address.sun_path, "%s",
		path) >= sizeof address.sun_path)
		return err_set(err, ENAMETOOLONG,
		    "cannot reach the API at "
		    "%s: %s",
		    path, strerror(ENAMETOOLONG));
	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		return err_set(err, ENOTCONN, "cannot reach the API at %s: %s",
		    path, words);
	if (errno == EACCES)
		return access_error(path, err);
	else if (errno == ENOENT || errno == ENOTDIR)
		advice = "is the service running, and is this its socket "
			 "(--socket)?";
	return err_set(err, ENOTCONN, "cannot reach the API at %s: %s; %s",
	    path, strerror(errno), advice);
}

/* What went wrong before there was an answer. */
int
api_transport_error(
    const struct cli *cli, CURLcode code, const char *words, struct err *err)
{
	if (*words == '\0')
		words = curl_easy_strerror(code);
	if (cli->open_connection != NULL)
		return err_set(err, ENOTCONN,
		    "cannot reach the API: %s; try "
		    "again",
		    words);
	if (cli->socket != NULL && code == CURLE_COULDNT_CONNECT)
		return socket_error(cli->socket, words, err);
	return err_set(err, ENOTCONN, "cannot reach the API at %s: %s",
	    cli->socket != NULL ? cli->socket : cli->url, words);
}

/* The API's own words for a status of 400 and above. */
int
api_refusal(long status, const json_t *answer, struct err *err)
{
	const char *words = api_string(answer, "error.message");

	if (*words != '\0')
		return err_set(err, status == 404 ? ENOENT : EIO, "%s", words);
	return err_set(err, status == 404 ? ENOENT : EIO,
	    "the API answered with status %ld", status);
}

/* What would be a second header, or cut off, is not sent; NULL does nothing. */
static int
add_header(struct curl_slist **list, const char *name, const char *value,
    const char *whose, struct err *err)
{
	char line[512];
	struct curl_slist *grown;

	if (value == NULL)
		return 0;
	if (strpbrk(value, "\r\n") != NULL ||
	    (size_t)snprintf(line, sizeof line, "%s%s", name, value) >=
		sizeof line)
		return err_set(err, EINVAL, "%s", whose);
	grown = curl_slist_append(*list, line);
	if (grown == NULL)
		return err_set(err, ENOMEM, "out of memory");
	*list = grown;
	return 0;
}

static int
add_headers(const struct cli *cli, const struct api_request *request,
    struct curl_slist **list, struct err *err)
{
	int r = add_header(list, "Content-Type: ",
	    request->bytes != NULL || request->file != NULL
		? "application/octet-stream"
	    : request->body != NULL ? "application/json"
				    : NULL,
	    "", err);

	if (r == 0)
		r = add_header(list, "Authorization: Bearer ", cli->token,
		    "SANDGATE_TOKEN: not a token", err);
	if (r == 0)
		r = add_header(list, "Sandgate-Org: ", cli->org,
		    "--org: not the name of an organisation", err);
	if (r == 0)
		r = add_header(list, "Sandgate-User: ", cli->user,
		    "--user: not the name of a user", err);
	if (r == 0)
		r = add_header(list, "Idempotency-Key: ", cli->request_key,
		    "--idempotency-key: too long, or of several lines", err);
	return r;
}

static curl_socket_t
open_socket(void *clientp, curlsocktype purpose, struct curl_sockaddr *address)
{
	const struct cli *cli = clientp;
	int fd = cli->open_connection();

	(void)purpose;
	(void)address;
	return fd >= 0 ? fd : CURL_SOCKET_BAD;
}

static int
on_socket(void *clientp, curl_socket_t fd, curlsocktype purpose)
{
	(void)clientp;
	(void)fd;
	(void)purpose;
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

/* The path is for form's sake: it keeps libcurl from looking up a host. */
static void
set_connection(CURL *curl, const struct cli *cli)
{
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, "api.sock");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	/* It takes what is connected for something slow, and waits this long
	 * before it looks; 200 unless told. */
	curl_easy_setopt(curl, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, 1L);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, cli);
	curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, on_socket);
}

static void
set_options(CURL *curl, const struct cli *cli,
    const struct api_request *request, const char *url, const char *body,
    struct api_answer *answer)
{
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	if (cli->open_connection != NULL)
		set_connection(curl, cli);
	else if (cli->socket != NULL) {
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, cli->socket);
		curl_easy_setopt(curl, CURLOPT_PROXY, "");
	}
	if (request->bytes != NULL)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)request->n_bytes);
	if (request->file != NULL) { /* its size may not be known: in chunks */
		curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(curl, CURLOPT_READDATA, request->file);
	}
	if (body != NULL)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	if (answer->line != NULL) {
		curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
		curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	}
	if (cli->shows_progress &&
	    (request->file != NULL || answer->file != NULL)) {
		curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress_show);
		curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	}
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
	/* A file may take its time, as long as it comes; what is followed, or
	 * waits until somebody reads, any time. */
	if (answer->line == NULL && request->bytes == NULL &&
	    request->file == NULL)
		curl_easy_setopt(curl,
		    answer->file == NULL ? CURLOPT_TIMEOUT
					 : CURLOPT_LOW_SPEED_TIME,
		    CALL_TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "sandgate/" SANDGATE_VERSION);
}

int
api_prepare(const struct cli *cli, const struct api_request *request,
    struct api_answer *answer, struct api_held *held, struct err *err)
{
	char url[URL_MAX_BYTES];
	size_t n = strlen(cli->url);
	int r;

	held->curl = answer->curl = curl_easy_init();
	if (held->curl == NULL)
		return err_set(err, ENOMEM, "out of memory");
	if (n > 0 && cli->url[n - 1] == '/')
		n--;
	if (snprintf(url, sizeof url, "%.*s%s", (int)n, cli->url,
		request->path) >= (int)sizeof url)
		return err_set(err, EINVAL, "the API's URL is too long");
	if (request->body != NULL)
		held->body = json_dumps(request->body, JSON_COMPACT);
	r = add_headers(cli, request, &held->headers, err);
	if (r < 0)
		return r;
	set_options(held->curl, cli, request, url,
	    request->bytes != NULL ? request->bytes : held->body, answer);
	curl_easy_setopt(held->curl, CURLOPT_HTTPHEADER, held->headers);
	curl_easy_setopt(held->curl, CURLOPT_ERRORBUFFER, held->words);
	return 0;
}

void
api_held_fini(struct api_held *held)
{
	curl_easy_cleanup(held->curl);
	curl_slist_free_all(held->headers);
	free(held->body);
	*held = (struct api_held){0};
}

static int
call(const struct cli *cli, const struct api_request *request,
    const struct api_answer *into, json_t **ret, struct err *err)
{
	__attribute__((cleanup(api_held_fini))) struct api_held held = {0};
	auto_free char *answer_text = NULL;
	auto_json json_t *object = NULL;
	struct api_answer answer = *into;
	CURLcode code;
	long status = 0;
	int r = api_prepare(cli, request, &answer, &held, err);

	if (r < 0)
		return r;
	code = curl_easy_perform(held.curl);
	progress_end();
	answer_text = answer.text;
	if (code == CURLE_WRITE_ERROR && answer.line != NULL)
		return 0; /* who is told wants no more */
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return err_set(err, EPIPE, "nobody reads this any more");
	curl_easy_getinfo(held.curl, CURLINFO_RESPONSE_CODE, &status);
	if (code != CURLE_OK && answer.line != NULL && status == 200)
		return err_set(err, ECONNABORTED, "the API ended this: %s",
		    curl_easy_strerror(code));
	if (code != CURLE_OK)
		return api_transport_error(cli, code, held.words, err);
	if (answer.size > 0)
		object = json_load_whole(answer.text, answer.size, 0, NULL);
	if (status >= 400)
		return api_refusal(status, object, err);
	if (object == NULL && answer.size > 0)
		return err_set(err, EIO,
		    "the answer of %s is not JSON; is "
		    "this Sandgate's API?",
		    cli->url);
	if (ret != NULL) {
		*ret = object;
		object = NULL;
	}
	return 0;
}

int
api_call(const struct cli *cli, const char *method, const char *path,
    const json_t *body, json_t **ret, struct err *err)
{
	return call(cli,
	    &(struct api_request){.method = method, .path = path, .body = body},
	    &(struct api_answer){0}, ret, err);
}

int
api_download(
    const struct cli *cli, const char *path, FILE *file, struct err *err)
{
	int r = call(cli, &(struct api_request){.method = "GET", .path = path},
	    &(struct api_answer){.file = file}, NULL, err);

	if (r == 0 && fflush(file) != 0)
		return err_errno(err, "what was downloaded");
	return r;
}

int
api_save(const struct cli *cli, const char *path, const char *file,
    struct err *err)
{
	FILE *out;
	int r;

	if (file == NULL || strcmp(file, "-") == 0)
		return api_download(cli, path, stdout, err);
	out = fopen(file, "we");
	if (out == NULL)
		return err_errno(err, "%.200s", file);
	r = api_download(cli, path, out, err);
	if (fclose(out) != 0 && r == 0)
		r = err_errno(err, "%.200s", file);
	if (r < 0) /* half of one is none */
		(void)unlink(file);
	return r;
}

int
api_follow(const struct cli *cli, const char *path, api_line *line, void *arg,
    struct err *err)
{
	return call(cli, &(struct api_request){.method = "GET", .path = path},
	    &(struct api_answer){.line = line, .line_arg = arg}, NULL, err);
}

int
api_post_lines(const struct cli *cli, const char *path, const json_t *body,
    api_line *line, void *arg, struct err *err)
{
	return call(cli,
	    &(struct api_request){.method = "POST", .path = path, .body = body},
	    &(struct api_answer){.line = line, .line_arg = arg}, NULL, err);
}

int
api_send(const struct cli *cli, const char *path, const void *bytes,
    size_t n_bytes, struct err *err)
{
	return call(cli,
	    &(struct api_request){.method = "POST",
		.path = path,
		.bytes = bytes,
		.n_bytes = n_bytes},
	    &(struct api_answer){0}, NULL, err);
}

int
api_put(const struct cli *cli, const char *path, const void *bytes,
    size_t n_bytes, json_t **ret, struct err *err)
{
	return call(cli, &(struct api_request){.method = "PUT", .path = path,
	    .bytes = bytes, .n_bytes = n_bytes}, &(struct api_answer){0}, ret,
	    err);
}

int
api_upload(const struct cli *cli, const char *path, FILE *file, json_t **ret,
    struct err *err)
{
	return call(cli, &(struct api_request){.method = "PUT", .path = path,
	    .file = file}, &(struct api_answer){0}, ret, err);
}

int
api_call_item(const struct cli *cli, const char *method, const char *collection,
    const char *id, const char *suffix, const json_t *body, json_t **ret,
    struct err *err)
{
	static const char id_characters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	char path[PATH_MAX_BYTES];
	int r;

	/* Of sandboxes, names as well. */
	if (((*id == '\0' || id[strspn(id, id_characters)] != '\0') &&
	    !name_is_valid(id)) ||
	    snprintf(path, sizeof path, "%s/%s%s%s", collection, id,
		suffix != NULL ? "/" : "",
		suffix != NULL ? suffix : "") >= (int)sizeof path)
		return err_set(err, EINVAL, "\"%.40s\" is not an id", id);
	r = api_call(cli, method, path, body, ret, err);
	/* The API's own words may begin with it. */
	if (r < 0 && strncmp(err->text, id, strlen(id)) != 0)
		return err_wrap(err, "%s", id);
	return r;
}

int
api_call_name(const struct cli *cli, const char *method, const char *collection,
    const char *name, const char *query, const json_t *body, json_t **ret,
    struct err *err)
{
	char path[PATH_MAX_BYTES];

	if (!name_is_valid(name) ||
	    snprintf(path, sizeof path, "%s/%s%s", collection, name, query) >=
		(int)sizeof path)
		return err_set(err, EINVAL,
		    "\"%.64s\" is not a name: 1 to 63 "
		    "of a-z 0-9 _ . -, the first a letter or digit",
		    name);
	return api_call(cli, method, path, body, ret, err);
}

static const json_t *
find(const json_t *object, const char *path)
{
	char name[64];

	while (object != NULL && *path != '\0') {
		size_t n = strcspn(path, ".");

		if (n >= sizeof name)
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		object = json_object_get(object, name);
		path += n + (path[n] == '.');
	}
	return object;
}

int
api_add_query(char *path, size_t size, const char *name, const char *value,
    struct err *err)
{
	const size_t used = strlen(path);
	char *escaped = value == NULL ? NULL : curl_easy_escape(NULL, value, 0);
	int n;

	if (value == NULL)
		return 0;
	n = snprintf(path + used, size - used, "%c%s=%s",
	    strchr(path, '?') == NULL ? '?' : '&', name,
	    escaped == NULL ? "" : escaped);
	curl_free(escaped);
	if (escaped == NULL || n < 0 || (size_t)n >= size - used)
		return err_set(err, EINVAL, "--%s: too long", name);
	return 0;
}

const char *
api_string(const json_t *object, const char *path)
{
	const char *text = json_string_value(find(object, path));

	return text != NULL ? text : "";
}

double
api_number(const json_t *object, const char *path)
{
	return json_number_value(find(object, path));
}

bool
api_is_true(const json_t *object, const char *path)
{
	return json_is_true(find(object, path));
}

void
api_print(const json_t *object)
{
	json_dumpf(object, stdout, JSON_INDENT(2));
	putchar('\n');
}

int
api_add_text(json_t *body, const char *name, const char *text, struct err *err)
{
	if (text == NULL)
		return 0;
	if (json_object_set_new(body, name, json_string(text)) < 0)
		return err_set(err, EINVAL, "--%s: not UTF-8", name);
	return 0;
}
