/*
 * Stanzas made of an input: who calls this says what they mean, the input how
 * that is written, with what stands beside it and means nothing: attributes
 * with a prefix, elements of a foreign namespace, blanks, references.
 */
#ifndef PP_TESTS_FUZZ_SPEAK_H
#define PP_TESTS_FUZZ_SPEAK_H

#include "base/buf.h"
#include "fuzz.h"

#define SPEAK_DEPTH_MAX 12

struct speaker {
	struct buf *out;
	struct input *in;
	bool noise;  /* or as plainly as can be */
	bool in_tag; /* attributes may follow */
	unsigned depth;
	const char *names[SPEAK_DEPTH_MAX];
};

/* NS NULL: that of what is around it. */
void speak_open(struct speaker *s, const char *name, const char *ns);
/* VALUE NULL: nothing.  The characters of XML among them are escaped. */
void speak_attr(struct speaker *s, const char *name, const char *value);
void speak_text(struct speaker *s, const char *text);
void speak_close(struct speaker *s);

/* An element with nothing but a text. */
void speak_leaf(struct speaker *s, const char *name, const char *ns, const char *text);

/* Something that looks like an element NAME and is none, if there is to be noise. */
void speak_decoy(struct speaker *s, const char *name);

#endif
