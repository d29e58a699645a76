/* SPDX-License-Identifier: ISC */
/*
 * secret_name.c: does the name of a variable, option, header or key say that
 * what it names is a secret? Where names and values stand: secret_shape.c.
 */
#include "tools/secrets.h"

#include <string.h>

/* What is about a secret, but none itself: SECRET_NAME, TOKEN_TTL, PASSWORD_FILE. */
static bool
ends_as_other(const char *name)
{
	static const char *const ends[] = { "file", "path", "dir", "name", "id", "count", "arn", "ref",
		"version", "length", "size", "limit", "expiry", "type", "scope", "url_template", "ttl", "age",
		"url", "uri", "endpoint", "domain", "enabled", "required", "issuer", "audience", "header",
		"prefix", "algorithm", "timeout", "expires", "expires_in", "host", "port", "region", "check",
		"policy", "hint", "help", "field", "stdin", "env", "var", "helper", "user", "username" };

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		size_t n = strlen(name), k = strlen(ends[i]);

		if (n > k && strcmp(name + n - k, ends[i]) == 0 && strchr("_-.", name[n - k - 1]) != NULL)
			return strcmp(name, "database_url") != 0;
	}
	return false;
}

/* What a name that says so holds, and the letters of it, which most names have not
 * even in any order. */
static const struct saying {
	uint32_t letters;
	const char *in[13];
} says[] = {
	{ IS('k') | IS('e') | IS('y'), { "apikey", "api_key", "api-key", "access_key", "access-key", "auth_key", "authkey",
	        "encryption_key", "master_key", "private-key", "private_key", "signing_key" } },
	{ IS('p') | IS('a') | IS('s'), { "passphrase", "passwd", "password" } },
	{ IS('t') | IS('o') | IS('k') | IS('e') | IS('n'), { "token" } },
	{ IS('s') | IS('e') | IS('c') | IS('r') | IS('t'), { "secret" } },
	{ IS('a') | IS('u') | IS('t') | IS('h'), { "basic_auth" } },
	{ IS('b') | IS('e') | IS('a') | IS('r'), { "bearer" } },
	{ IS('c') | IS('o') | IS('k') | IS('i') | IS('e'), { "cookie" } },
	{ IS('c') | IS('r') | IS('e') | IS('d') | IS('n') | IS('t') | IS('i') | IS('a') | IS('l'), { "credential" } },
	{ IS('d') | IS('a') | IS('t') | IS('b') | IS('s') | IS('e') | IS('u') | IS('r') | IS('l'), { "database_url" } },
	{ IS('d') | IS('s') | IS('n'), { "dsn" } },
	{ IS('p') | IS('w') | IS('d'), { NULL } }, /* see says_secret */
};
#define NSAYS (sizeof says / sizeof says[0])

static uint32_t
letters_of(struct str name)
{
	uint32_t has = 0;

	for (size_t i = 0; i < name.n; i++)
		has |= IS(name.p[i]);
	return has;
}

/* The first of says from i on whose letters are all there. */
static size_t
may_say(uint32_t has, size_t i)
{
	while (i < NSAYS && (says[i].letters & ~has) != 0)
		i++;
	return i;
}

/* low: lower case, whose first saying is `first`. */
static bool
says_secret(const char *low, size_t n, uint32_t has, size_t first)
{
	static const char *const are[] = { "pass", "pwd", "_auth" };

	for (size_t i = first; i < NSAYS; i = may_say(has, i + 1))
		for (const char *const *in = says[i].in; *in != NULL; in++)
			if (str_find((struct str){ low, n }, str_of(*in)) != STR_NPOS)
				return strcmp(low, "tokens") != 0 && strcmp(low, "secrets") != 0;
	for (size_t i = 0; i < sizeof are / sizeof are[0]; i++)
		if (strcmp(low, are[i]) == 0)
			return true;
	return n > 4 && strcmp(low + n - 4, "_pwd") == 0;
}

bool
secret__name(struct str name)
{
	char low[SECRET_NAME + 1];
	size_t n = name.n, first;
	uint32_t has;

	if (n == 0 || n > SECRET_NAME || (first = may_say(has = letters_of(name), 0)) == NSAYS)
		return false;
	for (size_t i = 0; i < n; i++)
		low[i] = byte_lower(name.p[i]);
	low[n] = '\0';
	return says_secret(low, n, has, first) && strncmp(low, "max_", 4) != 0 && strncmp(low, "max-", 4) != 0 &&
	    strncmp(low, "no-", 3) != 0 && !ends_as_other(low) && !str_is(name, "PWD"); /* the shell's */
}
