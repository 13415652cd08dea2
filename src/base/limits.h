/*
 * Every bound of the program, each with what it stops.  Numbers in brackets
 * are rows of the project's list of threats and faults (doc/threats.md).
 */
#ifndef PP_BASE_LIMITS_H
#define PP_BASE_LIMITS_H

/* Addresses (RFC 7622, section 3.1: 1,023 bytes for each part). */
#define JID_PART_MAX 1023
#define JID_MAX (3 * JID_PART_MAX + 2)

/* A stanza from the server; beyond these it is skipped to its end [14]. */
#define STANZA_BYTES_MAX (64 * 1024)
#define STANZA_DEPTH_MAX 16
#define STANZA_ELEMENTS_MAX 256
#define STANZA_ATTRS_MAX 64
/*
 * The answer to a roster that we asked for is one stanza, and may be larger: it is read in portions of little more
 * than a stanza, so that these bound the time that it takes [24].
 */
#define ROSTER_BYTES_MAX (16 * 1024 * 1024)
#define ROSTER_ELEMENTS_MAX 131072

/*
 * What we send.  Prosody cuts a component's link at 512 KiB, and what a stanza
 * of ours makes the server send to clients has to pass their own 256 KiB.
 */
#define STANZA_OUT_MAX (256 * 1024)
/* An id, a command's node or session, all echoed in our answer: an IQ with a longer one is no request [14]. */
#define ECHO_BYTES_MAX 1023
/* Memory of one decoded stanza: a roster's portion, twice STANZA_ELEMENTS_MAX, with every JID to be prepared. */
#define SCRATCH_BYTES_MAX (2 * 1024 * 1024)

/* What we keep and publish of a peer's text [14, 16]. */
#define STATUS_BYTES_MAX 1024
#define LABEL_BYTES_MAX 64
/*
 * Status texts of one item, together.  With them the largest item is less than STANZA_OUT_MAX, and than the 250,000
 * bytes that ejabberd takes, even if every character has to be escaped.
 */
#define ITEM_STATUS_BYTES_MAX 8192
#define LANG_BYTES_MAX 35 /* RFC 5646, section 4.4.1 */

/* State for one user [13, 19]. */
#define USER_DEVICES_MAX 32
#define DEVICE_RESOURCES_MAX 16
#define USER_GONE_MAX 4 /* resources of the primary that are gone and still shown */
/* Roster contacts to whom events are delivered, and their JIDs together. */
#define USER_CONTACTS_MAX 30000
#define USER_CONTACT_BYTES_MAX (4 * 1024 * 1024)
/* Entries of a block list that is read: no more come in one stanza [28]. */
#define BLOCKED_MAX 250

/* Ad-hoc command sessions: of users of our hosts, and as many of who isn't one, see command_session.h [13]. */
#define SESSIONS_MAX 256
#define SESSIONS_PER_USER 2
#define SESSION_LIFE_MS (10 * 60 * 1000)
/* For so long a user keeps his only one, however many there are. */
#define SESSION_KEPT_MS (60 * 1000)
#define FORM_FIELDS_MAX 32
#define FORM_VALUE_BYTES_MAX 3072
/* Of those who show an account that asks for them, and of their names: an answer is one stanza [26]. */
#define SHOWN_BY_MAX 100
#define SHOWN_BY_BYTES_MAX 32768

/* IQs that wait for an answer [4]. */
#define QUERIES_MAX 65536
#define QUERY_LIFE_MS 10000

/*
 * What others made us say waits while the server doesn't read.  With so much of it waiting, requests get no
 * answer any more, rather than that they fill the memory [17, 19].
 */
#define ANSWERS_MAX 1024
/*
 * Likewise with so many bytes of what they hold, and one answer more: for accounts of our hosts, and as much and as many
 * for everybody else [26].
 */
#define ANSWERS_BYTES_MAX (1024 * 1024)

/*
 * Writes to the registry on their way, which people's commands make and which wait for the server to read as well:
 * with so many of them no command is taken [17, 26].
 */
#define WRITES_MAX 1024

/*
 * What is remembered of requests to accounts, of each kind, as long as it matters: as many pairs as all rates together
 * allow in the ten minutes for which one does.  Beyond it nobody is asked before something is over; of what was asked for
 * few, which matters for an hour, the oldest is forgotten [26].
 */
#define ASK_NOTES_MAX 32768

/* Greetings of single clients that wait, in all; beyond it the account is told as a whole, which takes no memory. */
#define ERRANDS_MAX 16384

/* A log value is cut here [17]. */
#define LOG_VALUE_BYTES_MAX 256

#endif
