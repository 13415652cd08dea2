/*
 * Who the component is, on the wire.  Owns the names of these strings alone:
 * they are the caller's, and nothing here writes them.
 */
#ifndef PP_WIRE_ENCODE_IDENTITY_H
#define PP_WIRE_ENCODE_IDENTITY_H

struct encode_identity {
	const char *domain; /* our own: `from` of privileged stanzas */
	const char *name;   /* XEP-0092 */
	const char *version;
	const char *os; /* NULL: not told */
};

#endif
