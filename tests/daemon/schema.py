# SPDX-License-Identifier: ISC
"""schema.py: as much of JSON Schema as docs/audit-record.schema.json uses, so
that the tests need nothing but Python. A keyword that it does not know is an
error: nothing in a schema is passed over in silence.
"""
import json
import re

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
NOTES = {"$schema", "$comment", "$defs", "title", "description"}


class Mismatch(Exception):
    pass


def is_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def same(a, b):
    return type(a) is type(b) and a == b


class Schema:
    def __init__(self, path):
        with open(path) as f:
            self.root = json.load(f)
        self.used = set()

    def check(self, value, schema=None, where="record"):
        schema = self.root if schema is None else schema
        for word, arg in schema.items():
            if word not in NOTES:
                getattr(self, "word_" + word.strip("$"))(value, arg, schema, where)

    def part(self, name):
        return self.root["$defs"][name]

    def word_ref(self, value, arg, _, where):
        name = arg.rsplit("/", 1)[1]
        self.check(value, self.part(name), where)
        self.used.add(name)

    def word_type(self, value, arg, _, where):
        if not any(is_type(value, t) for t in ([arg] if isinstance(arg, str) else arg)):
            raise Mismatch("%s: %r is no %s" % (where, value, arg))

    def word_const(self, value, arg, _, where):
        if not same(value, arg):
            raise Mismatch("%s: %r is not %r" % (where, value, arg))

    def word_enum(self, value, arg, _, where):
        if not any(same(value, a) for a in arg):
            raise Mismatch("%s: %r is none of %r" % (where, value, arg))

    def word_minimum(self, value, arg, _, where):
        if value < arg:
            raise Mismatch("%s: %r is below %r" % (where, value, arg))

    def word_pattern(self, value, arg, _, where):
        if not re.search(arg, value):
            raise Mismatch("%s: %r does not match %s" % (where, value, arg))

    def word_items(self, value, arg, _, where):
        for i, v in enumerate(value if isinstance(value, list) else ()):
            self.check(v, arg, "%s[%d]" % (where, i))

    def word_properties(self, value, arg, _, where):
        for name, v in (value.items() if isinstance(value, dict) else ()):
            if name in arg:
                self.check(v, arg[name], where + "." + name)

    def word_required(self, value, arg, _, where):
        for name in arg if isinstance(value, dict) else ():
            if name not in value:
                raise Mismatch("%s: %s is missing" % (where, name))

    def word_additionalProperties(self, value, arg, schema, where):
        for name, v in (value.items() if isinstance(value, dict) else ()):
            if name in schema.get("properties", {}):
                continue
            if arg is False:
                raise Mismatch("%s: nothing is known of %s" % (where, name))
            self.check(v, arg, where + "." + name)

    def word_oneOf(self, value, arg, _, where):
        """The branches of a record are told apart by `event`, and of an action
        by `kind`: the error of that branch is the one worth reading."""
        good, errors = 0, []
        for s in arg:
            try:
                self.check(value, s, where)
                good += 1
            except Mismatch as e:
                errors.append(str(e))
        if good != 1:
            near = [e for e in errors if not e.startswith((where + ".event:", where + ".kind:"))] or errors
            raise Mismatch("; ".join(near) if good == 0 else "%s: fits more than one" % where)
