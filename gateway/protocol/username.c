// SPDX-License-Identifier: Apache-2.0
#include "gateway/protocol/username.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Longer than any name there is. */
#define NAME_SIZE_MAX 256

static bool
take_login(struct username *name, const char *word)
{
	if (strcmp(word, "root") != 0 || name->login_user[0] != '\0')
		return false;
	snprintf(name->login_user, sizeof name->login_user, "%s", word);
	return true;
}

static bool
take_why(struct username *name, const char *word)
{
	if (strcmp(word, "why") != 0 || name->is_why)
		return false;
	name->is_why = true;
	return true;
}

/* Whether it is a word of the grammar, so that nothing else is called that. */
static bool
is_kept_word(const char *word)
{
	return strcmp(word, "root") == 0 || strcmp(word, "why") == 0;
}

/* The last word: after a terminal's name comes nothing. */
static bool
take_terminal(struct username *name, char *word)
{
	size_t size = strlen(word);

	if (name->terminal[0] != '\0')
		return false;
	if (size > 0 && word[size - 1] == '!') {
		name->takes_over = true;
		word[--size] = '\0';
	}
	if (size >= sizeof name->terminal || !name_is_valid(word) ||
	    is_kept_word(word))
		return false;
	memcpy(name->terminal, word, size + 1);
	return true;
}

static bool
take_keep(struct username *name, const char *word)
{
	if (strcmp(word, "keep") != 0 || name->is_kept)
		return false;
	name->is_kept = true;
	return true;
}

/* The first word after "new"; words of the grammar are no templates. */
static bool
take_template(struct username *name, const char *word)
{
	if (name->template_name[0] != '\0' || name->login_user[0] != '\0' ||
	    name->is_kept || name->is_why || !name_is_valid(word) ||
	    is_kept_word(word) || strcmp(word, "keep") == 0)
		return false;
	snprintf(name->template_name, sizeof name->template_name, "%s", word);
	return true;
}

static bool
take_kind(struct username *name, char *word)
{
	sandbox_id_respell(word);
	if (strcmp(word, "new") == 0)
		name->kind = USERNAME_NEW;
	else if (strcmp(word, "ctl") == 0)
		name->kind = USERNAME_LOBBY;
	else if (sandbox_id_is_valid(word))
		memcpy(name->sandbox_id, word, strlen(word) + 1);
	else
		return false;
	return true;
}

static bool
take_word(struct username *name, char *word)
{
	switch (name->kind) {
	case USERNAME_SANDBOX:
		return (name->terminal[0] == '\0' && (take_login(name, word) ||
		    take_why(name, word))) || take_terminal(name, word);
	case USERNAME_NEW:
		return take_login(name, word) || take_keep(name, word) ||
		    take_why(name, word) ||
		    take_template(name, word);
	case USERNAME_LOBBY:
		break;
	}
	return false;
}

int
username_parse(const char *text, struct username *ret)
{
	struct username name = {0};
	char words[NAME_SIZE_MAX], *rest = words, *word;

	if (strlen(text) >= sizeof words)
		return -EINVAL;
	snprintf(words, sizeof words, "%s", text);
	if (!take_kind(&name, strsep(&rest, "+")))
		return -EINVAL;
	while ((word = strsep(&rest, "+")) != NULL)
		if (!take_word(&name, word))
			return -EINVAL;
	*ret = name;
	return 0;
}
