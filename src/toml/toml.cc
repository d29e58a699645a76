/* SPDX-License-Identifier: ISC */
/*
 * toml.cc: toml++ behind toml.h, the one C++ file. It is built without
 * exceptions, and nothing here jumps over a destructor: the arena is asked once,
 * by the function that says no instead of jumping. Two walks over the tree, the
 * first one measures, the second one fills; both go down by recursion, which is
 * bounded because the text is measured before it is parsed.
 */
#undef TOML_HEADER_ONLY /* a package may set both for its shared library, which throws */
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_WINDOWS_COMPAT 0
#include <toml++/toml.h>

#include <cinttypes>
#include <csetjmp>
#include <cstdarg>
#include <cstdio>
#include <cstring>

/* A struct and a function of one name are no shadow of each other in C. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
extern "C" {
#include "bridle/limits.h"
#include "toml/toml.h"
}
#pragma GCC diagnostic pop

namespace
{

/* ---- before parsing: is it small and flat enough? -------------------------- */

bool
key_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_' || c == '-' || c == ' ' || c == '\t' || c == '"' || c == '\'' ||
	    (static_cast<unsigned char>(c) & 0x80) != 0;
}

/*
 * The parser and the tree's destructor go one call deeper for each dot of a key
 * and each open bracket, and each value costs memory. Text inside strings is
 * counted as well: what is rejected needlessly is no file that anyone has.
 */
bool
within_limits(struct str s)
{
	size_t dots = 0, values = 0;

	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];

		if (c == '.')
			dots++;
		else if (!key_byte(c))
			dots = 0;
		if (c == '=' || c == ',' || c == '[' || c == '{')
			values++;
		if (dots > LIMIT_TOML_DEPTH || values > LIMIT_TOML_VALUES)
			return false;
	}
	return true;
}

/* ---- what both walks do with a value ---------------------------------------- */

struct number_text {
	char p[48];
	size_t n;
};

template <typename... T>
number_text
print(const char *fmt, T... values)
{
	number_text out = {};
	const int n = std::snprintf(out.p, sizeof out.p, fmt, values...);

	out.n = n < 0 ? 0 : static_cast<size_t>(n);
	return out;
}

number_text
print_date(const toml::date &d)
{
	return print("%04u-%02u-%02u", unsigned{ d.year }, unsigned{ d.month }, unsigned{ d.day });
}

number_text
print_time(const toml::time &t)
{
	if (t.nanosecond == 0)
		return print("%02u:%02u:%02u", unsigned{ t.hour }, unsigned{ t.minute },
		    unsigned{ t.second });
	return print("%02u:%02u:%02u.%09u", unsigned{ t.hour }, unsigned{ t.minute },
	    unsigned{ t.second }, unsigned{ t.nanosecond });
}

number_text
print_both(const toml::date_time &dt)
{
	const number_text d = print_date(dt.date), t = print_time(dt.time);
	const int minutes = dt.offset ? dt.offset->minutes : 0;
	const unsigned away = static_cast<unsigned>(minutes < 0 ? -minutes : minutes);

	if (!dt.offset)
		return print("%sT%s", d.p, t.p);
	if (minutes == 0)
		return print("%sT%sZ", d.p, t.p);
	return print("%sT%s%c%02u:%02u", d.p, t.p, minutes < 0 ? '-' : '+', away / 60, away % 60);
}

number_text
scalar_text(const toml::node &node)
{
	if (const auto *v = node.as_integer())
		return print("%" PRId64, v->get());
	if (const auto *v = node.as_floating_point())
		return print("%.17g", v->get());
	if (const auto *v = node.as_boolean())
		return print("%s", v->get() ? "true" : "false");
	if (const auto *v = node.as_date())
		return print_date(v->get());
	if (const auto *v = node.as_time())
		return print_time(v->get());
	if (const auto *v = node.as_date_time())
		return print_both(v->get());
	return {};
}

enum toml_kind
kind_of(const toml::node &node)
{
	switch (node.type()) {
	case toml::node_type::table:
		return TOML_KIND_TABLE;
	case toml::node_type::array:
		return TOML_KIND_ARRAY;
	case toml::node_type::string:
		return TOML_KIND_STRING;
	case toml::node_type::integer:
		return TOML_KIND_INTEGER;
	case toml::node_type::floating_point:
		return TOML_KIND_FLOAT;
	case toml::node_type::boolean:
		return TOML_KIND_BOOL;
	default:
		return TOML_KIND_DATE;
	}
}

/* ---- the walks ----------------------------------------------------------------- */

/* Counts where values is null, else fills the three arrays. */
struct flattener {
	toml_value *values = nullptr;
	toml_key *keys = nullptr;
	char *bytes = nullptr;
	size_t nvalues = 0, nkeys = 0, nbytes = 0;
	toml_key path[LIMIT_TOML_DEPTH];
	size_t depth = 0;
	bool too_deep = false;

	struct str
	copy(const char *p, size_t n)
	{
		struct str s = { nullptr, n };

		if (values != nullptr) {
			std::memcpy(bytes + nbytes, p, n);
			s.p = bytes + nbytes;
		}
		nbytes += n + 1; /* the memory is zero, so a NUL follows */
		return s;
	}

	void
	add(const toml::node &node)
	{
		const auto *text = node.as_string();
		const number_text scalar = scalar_text(node);
		toml_value v = {};

		v.path = keys + nkeys;
		v.npath = depth;
		v.kind = kind_of(node);
		v.text = text ? copy((*text)->data(), (*text)->size()) : copy(scalar.p, scalar.n);
		v.integer = node.as_integer() ? node.as_integer()->get() : 0;
		v.boolean = node.as_boolean() != nullptr && node.as_boolean()->get();
		v.line = node.source().begin.line;
		v.column = node.source().begin.column;
		if (values != nullptr) {
			std::memcpy(keys + nkeys, path, depth * sizeof path[0]);
			values[nvalues] = v;
		}
		nvalues++;
		nkeys += depth;
	}

	void
	step(const toml_key &key, const toml::node &node)
	{
		if (depth == LIMIT_TOML_DEPTH) {
			too_deep = true;
			return;
		}
		path[depth++] = key;
		add(node);
		walk(node);
		depth--;
	}

	void
	walk(const toml::node &node)
	{
		if (const auto *table = node.as_table())
			for (auto &&[key, value] : *table)
				step({ false, copy(key.data(), key.length()), 0 }, value);
		if (const auto *array = node.as_array()) {
			size_t i = 0;

			for (auto &&value : *array) {
				const number_text digits = print("%zu", i);

				step({ true, copy(digits.p, digits.n), i++ }, value);
			}
		}
	}
};

int
fail(struct toml_error *err, int code, unsigned line, unsigned column, std::string_view message)
{
	if (err != nullptr) {
		const size_t n = message.size() < sizeof err->message - 1 ? message.size()
		                                                          : sizeof err->message - 1;

		*err = {};
		err->line = line;
		err->column = column;
		std::memcpy(err->message, message.data(), n);
	}
	return code;
}

int
flatten(struct arena *a, const toml::table &root, struct toml_doc *out, struct toml_error *err)
{
	flattener measure, fill;
	char *memory;

	measure.walk(root);
	if (measure.too_deep)
		return fail(err, BRIDLE_ELIMIT, 0, 0, "tables lie too deep in each other");
	/* The first array needs the strictest alignment, the last one none. */
	memory = static_cast<char *>(arena_try(a,
	    measure.nvalues * sizeof(toml_value) + measure.nkeys * sizeof(toml_key) +
	        measure.nbytes + 1));
	if (memory == nullptr)
		return fail(err, BRIDLE_ENOMEM, 0, 0, "out of memory");
	fill.values = reinterpret_cast<toml_value *>(memory);
	fill.keys = reinterpret_cast<toml_key *>(memory + measure.nvalues * sizeof(toml_value));
	fill.bytes = reinterpret_cast<char *>(fill.keys + measure.nkeys);
	fill.walk(root);
	out->v = fill.values;
	out->n = fill.nvalues;
	return 0;
}

} // namespace

extern "C" int
toml_parse(struct arena *a, struct str bytes, struct toml_doc *out, struct toml_error *err)
{
	if (bytes.n > LIMIT_FILE || !within_limits(bytes))
		return fail(err, BRIDLE_ELIMIT, 0, 0, "the file is too large or too deep");
	const toml::parse_result result = toml::parse(std::string_view(bytes.p, bytes.n));
	if (!result) {
		const toml::parse_error &e = result.error();

		return fail(err, BRIDLE_ESYNTAX, e.source().begin.line, e.source().begin.column,
		    e.description());
	}
	return flatten(a, result.table(), out, err);
}
