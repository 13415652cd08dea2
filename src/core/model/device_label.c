#include "core/model/device_label.h"

#include <stdio.h>
#include <string.h>

#include "base/jid.h"
#include "base/mem.h"
#include "base/mention.h"

static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";

void
device_derive_id(const struct model *model, const char *a, const char *b, char *out)
{
	char text[2 * JID_MAX + 2];
	uint64_t h;
	int i, n;

	n = snprintf(text, sizeof(text), "%s/%s", a, b);
	h = hash_bytes(model->env->key, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
	for (i = 0; i < DEVICE_ID_LEN; i++, h >>= 5)
		out[i] = alphabet[h & 31];
	out[DEVICE_ID_LEN] = '\0';
}

size_t
device_cut(const char *s, size_t max)
{
	size_t len = strlen(s);

	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)s[max] & 0xc0) == 0x80)
		max--;
	return max;
}

enum label_fit
device_label_fits(const char *label, const char *jid, const char *resource)
{
	size_t len;

	if (label == NULL || *label == '\0')
		return LABEL_MISSING;
	/* The name of a resource is that of its own account, whose contacts know it. */
	if (resource != NULL)
		return LABEL_FITS;
	len = strlen(label);
	/* What is cut may have hidden what is left, and the other way. */
	if (mention_address(label, device_cut(label, LABEL_BYTES_MAX), len > LABEL_BYTES_MAX - 4, jid) ||
	    (len > LABEL_BYTES_MAX && mention_address(label, len, false, jid)))
		return LABEL_TELLS;
	return LABEL_FITS;
}

static bool
is_labelled(const struct user *u, const char *label)
{
	const struct device *d;

	for (d = u->devices; d != NULL && strcmp(d->label, label) != 0; d = d->next)
		;
	return d != NULL;
}

void
device_invent_label(const struct user *u, enum device_kind kind, char *out, size_t size)
{
	const char *word = kind == KIND_OTHER ? "device" : kind_name(kind);
	unsigned n = 1;

	snprintf(out, size, "%s", word);
	while (is_labelled(u, out))
		snprintf(out, size, "%s %u", word, ++n);
}

char *
device_copy_label(const char *label)
{
	return mem_strndup(label, device_cut(label, LABEL_BYTES_MAX));
}
