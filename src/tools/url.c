/* SPDX-License-Identifier: ISC */
/*
 * url.c: the parts of a URL that is a word of a command: its host, as far as
 * that is known, and what follows it. Who asks: fly_http.c.
 */
#include "tools/url.h"

#include <string.h>

struct str
url_decoded(struct arena *a, struct str text)
{
	static const char digits[] = "0123456789abcdef";
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < text.n; i++) {
		const char *high = NULL, *low = NULL;

		if (text.p[i] == '%' && i + 2 < text.n) {
			high = memchr(digits, byte_lower(text.p[i + 1]), 16);
			low = memchr(digits, byte_lower(text.p[i + 2]), 16);
		}
		if (high == NULL || low == NULL) {
			buf_putc(&b, text.p[i]);
			continue;
		}
		buf_putc(&b, (char)((high - digits) * 16 + (low - digits)));
		i += 2;
	}
	return buf_str(&b);
}

/* Behind "https://"; curl takes one slash and three as well. */
static struct str
without_scheme(struct str url)
{
	size_t n = 0, slashes = 0;

	while (n < url.n && ((url.p[n] >= 'a' && url.p[n] <= 'z') || (url.p[n] >= 'A' && url.p[n] <= 'Z')))
		n++;
	if (n == 0 || n == url.n || url.p[n] != ':')
		return url;
	while (slashes < 3 && n + 1 + slashes < url.n && url.p[n + 1 + slashes] == '/')
		slashes++;
	return slashes == 0 ? url : str_sub(url, n + 1 + slashes, STR_NPOS);
}

struct str
url_host(struct arena *a, struct word url, struct str *after)
{
	struct str text = without_scheme(word_prefix(url));
	size_t end, at;

	for (end = 0; end < text.n && strchr("/?#", text.p[end]) == NULL;)
		end++;
	*after = str_sub(text, end, STR_NPOS);
	text = str_sub(text, 0, end);
	at = str_rchr(text, '@');
	text = at == STR_NPOS ? text : str_sub(text, at + 1, STR_NPOS);
	return str_chr(text, '%') == STR_NPOS ? text : url_decoded(a, text);
}

/* The rest of the URL, from the known part on that follows the host. */
static struct word
behind(struct arena *a, struct word url, struct str after)
{
	size_t from = after.n > 0 && after.p[0] == '/' ? 1 : 0;
	bool all = url.n > 0 && url.v[0].kind == PIECE_TEXT;

	return word_cat(a, word_text(a, str_sub(after, from, STR_NPOS)),
	    (struct word){ url.v + all, url.n - all, STR("") });
}

bool
url_at(struct arena *a, struct word url, const char *const *names, size_t n, struct word *rest)
{
	struct str after, host = url_host(a, url, &after);

	host = str_sub(host, 0, str_chr(host, ':'));
	if (host.n > 0 && host.p[host.n - 1] == '.')
		host.n--;
	for (size_t i = 0; i < n; i++)
		if (str_ieq(host, str_of(names[i]))) {
			*rest = behind(a, url, after);
			return true;
		}
	return false;
}

bool
url_at_port(struct arena *a, struct word url, const char *port, struct word *rest)
{
	struct str after, host = url_host(a, url, &after);

	if (!str_ends(host, str_of(port)))
		return false;
	*rest = behind(a, url, after);
	return true;
}
