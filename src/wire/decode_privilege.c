#include "wire/decode_privilege.h"

#include <string.h>

#include "wire/ns.h"

const struct xml *
decode_privilege(const struct xml *stanza, int *version)
{
	const struct xml *privilege;

	*version = 2;
	privilege = xml_child(stanza, NS_PRIVILEGE_2, "privilege");
	if (privilege == NULL) {
		*version = 1;
		privilege = xml_child(stanza, NS_PRIVILEGE_1, "privilege");
	}
	return privilege;
}

const struct xml *
decode_forwarded(const struct xml *privilege, const char *name)
{
	return xml_child(xml_child(privilege, NS_FORWARD, "forwarded"), NS_CLIENT, name);
}

static unsigned
may(const char *type)
{
	if (type == NULL)
		return 0;
	if (strcmp(type, "get") == 0)
		return MAY_GET;
	if (strcmp(type, "set") == 0)
		return MAY_SET;
	if (strcmp(type, "both") == 0)
		return MAY_GET | MAY_SET;
	return 0;
}

/*
 * Prosody 0.12 puts the second <namespace/> inside the first, the third inside
 * the second, and so on.  STANZA_DEPTH_MAX bounds the recursion.
 */
static void
namespaces(const struct xml *parent, const char *privilege_ns, struct grant_event *out)
{
	const struct xml *x;
	const char *ns;
	unsigned type;

	for (x = xml_child(parent, privilege_ns, "namespace"); x != NULL; x = xml_again(x, privilege_ns, "namespace")) {
		ns = xml_attr(x, "ns");
		type = may(xml_attr(x, "type"));
		if (ns != NULL && strcmp(ns, NS_PUBSUB) == 0)
			out->iq_pubsub |= type;
		else if (ns != NULL && strcmp(ns, NS_PUBSUB_OWNER) == 0)
			out->iq_owner |= type;
		else if (ns != NULL && strcmp(ns, NS_BLOCKING) == 0)
			out->iq_blocking |= type;
		namespaces(x, privilege_ns, out);
	}
}

void
decode_grant(const struct xml *privilege, int version, struct grant_event *out)
{
	const struct xml *perm;
	const char *access, *type;

	memset(out, 0, sizeof(*out));
	out->version = version;
	for (perm = xml_child(privilege, privilege->ns, "perm"); perm != NULL;
	     perm = xml_again(perm, privilege->ns, "perm")) {
		access = xml_attr(perm, "access");
		type = xml_attr(perm, "type");
		if (access == NULL)
			continue;
		if (strcmp(access, "iq") == 0) {
			namespaces(perm, privilege->ns, out);
			continue;
		}
		if (type == NULL)
			continue;
		if (strcmp(access, "roster") == 0) {
			out->roster |= may(type);
		} else if (strcmp(access, "message") == 0) {
			if (strcmp(type, "outgoing") == 0)
				out->message = true;
		} else if (strcmp(access, "presence") == 0) {
			if (strcmp(type, "roster") == 0)
				out->presence = out->presence_roster = true;
			else if (strcmp(type, "managed_entity") == 0)
				out->presence = true;
		}
	}
}
