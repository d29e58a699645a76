/* SPDX-License-Identifier: ISC */
/*
 * layer.c: what the files say beside rules, taken together. The strictest
 * default wins; an untrusted project's file can only make one stricter; mode
 * monitor counts only where the highest layer that there is says it.
 */
#include "policy.h"

static const enum verdict unsaid[DEFAULT__N] = {
	[DEFAULT_COMMAND] = VERDICT_PASS,
	[DEFAULT_EDIT] = VERDICT_PASS,
	[DEFAULT_READ] = VERDICT_PASS,
	[DEFAULT_TOOL] = VERDICT_PASS,
	[DEFAULT_DYNAMIC] = VERDICT_ASK,
	[DEFAULT_OPAQUE] = VERDICT_PASS,
	[DEFAULT_UNKNOWN_PATH] = VERDICT_PASS,
};

static void
one_default(struct policy *p, enum policy_default which)
{
	enum verdict v = VERDICT_NONE;
	bool said = false;

	for (size_t i = 0; i < p->layers.n; i++) {
		const struct layer *l = &p->layers.v[i];

		if (l->trusted)
			v = verdict_stricter(v, l->defaults[which]);
	}
	said = v != VERDICT_NONE;
	if (!said)
		v = unsaid[which];
	for (size_t i = 0; i < p->layers.n; i++) {
		const struct layer *l = &p->layers.v[i];

		if (!l->trusted && l->defaults[which] > v) {
			v = l->defaults[which];
			said = true;
		}
	}
	p->defaults[which] = v;
	p->said[which] = said;
}

static void
monitor(struct policy *p)
{
	enum policy_layer highest = LAYER_PROJECT;
	bool says = false, enforces = false;

	for (size_t i = 0; i < p->layers.n; i++)
		if (p->layers.v[i].layer != LAYER_BUILTIN && p->layers.v[i].layer < highest)
			highest = p->layers.v[i].layer;
	for (size_t i = 0; i < p->layers.n; i++) {
		const struct layer *l = &p->layers.v[i];

		if (l->layer != highest || !l->trusted)
			continue;
		says |= l->mode == MODE_MONITOR;
		enforces |= l->mode == MODE_ENFORCE;
	}
	p->monitor = says && !enforces;
}

void
policy__layers(struct policy *p)
{
	for (int i = 0; i < DEFAULT__N; i++)
		one_default(p, (enum policy_default)i);
	monitor(p);
	for (size_t i = 0; i < p->layers.n; i++)
		p->people_same |= p->layers.v[i].people == PEOPLE_SAME;
}

enum verdict
policy_default(const struct policy *p, enum policy_default which)
{
	return p->defaults[which];
}

bool
policy_default_set(const struct policy *p, enum policy_default which)
{
	return p->said[which];
}

bool
policy_monitor(const struct policy *p)
{
	return p->monitor;
}

bool
policy_people_ask(const struct policy *p)
{
	return !p->people_same;
}

const char *
policy_setting(const struct policy *p, const char *key)
{
	const struct setting *best = NULL;

	/* The system's word counts before the user's, a later line before an earlier one. */
	for (size_t i = 0; i < p->settings.n; i++) {
		const struct setting *s = &p->settings.v[i];

		if (str_is(s->key, key) && (best == NULL || s->layer <= best->layer))
			best = s;
	}
	return best == NULL ? NULL : best->value.p;
}
