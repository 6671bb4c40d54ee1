/* Who a connection is of: SaslHandshake and SaslAuthenticate (KIP-43, KIP-152, KIP-368), and the mechanisms.
 *   sasl.c   the two APIs, what may be asked before and after them, sessions that end
 *   login.c  PLAIN, OAUTHBEARER (RFC 7628; unsecured tokens, and MSK's signed URLs), AWS_MSK_IAM
 *   rights.c what those of IAM may do
 *   scram.c  SCRAM-SHA-256 and -512 (RFC 5802)  scram_users.c  users that admins make (KIP-554)
 * Users are [kafka.users] and the stack's identities; what is signed by SigV4 is judged as on the AWS port. */
#ifndef TARN_KAFKA_SASL_H
#define TARN_KAFKA_SASL_H

#include "core/hash.h"
#include "core/identities.h"
#include "kafka/kafka.h"

enum { KFK_SCRAM_MIN = 4096, KFK_SCRAM_MAX = 16384, KFK_SASL_MAX = 512 << 10 }; /* iterations; bytes of a token */

/* What a step made of a client's message. NO: authentication failed, session->why says how, if the client may know. */
enum kfk_sasl_said { KFK_SASL_MORE, KFK_SASL_OVER, KFK_SASL_NO };

struct kfk_scram; /* of an exchange under way */
struct kfk_half;  /* of a Produce request, produce.c */
void kfk_half_free(struct kfk_half *h); /* NULL is fine */

/* A connection's, conn->user; made when it is first needed. */
struct kfk_session {
	const struct conn *conn;
	struct kfk_half *half;  /* owned */
	struct kfk_look *look;  /* append.h; owned */
	const struct kfk_mechanism *mech; /* chosen by the last handshake; NULL: there was none */
	bool asking;            /* an exchange goes on */
	bool raw;               /* its tokens come without a header, as after a handshake of version 0 */
	bool known;             /* it is of principal */
	int turn;               /* of the exchange: messages of the client so far */
	int64_t ends_ms;        /* real time at which it must have authenticated again; 0: never */
	char *principal;        /* "User:alice"; owned */
	struct identity *who;   /* of IAM, in arena; NULL: it came otherwise */
	struct arena arena;
	struct slice claimed;   /* who the exchange is of, in the arena of the request; set by OVER */
	char why[256];          /* EM of a failure; "": the general text */
	char log[255];          /* the same for the log, with what the client isn't told */
	struct kfk_scram *scram; /* owned */
	struct clock_timer resting; /* throttle.c: isn't read until then, while rests */
	struct conn *resting_conn;
	bool rests;
};
struct kfk_session *kfk_session(struct conn *conn);
void kfk_session_free(struct kfk_session *s); /* NULL is fine */
void kfk_session_idle(struct kfk_session *s); /* only who it is of stays: what it was doing is given up; NULL is fine */
void kfk_session_is(struct kfk_session *s, const struct identity *who); /* copies; rights.c */

struct kfk_mechanism {
	const char *name;
	/* Reads a message of the client, appends the answer to out; on OVER it has set claimed (and ends_ms, of the credentials). */
	enum kfk_sasl_said (*step)(struct kafka *k, struct kfk_session *s, struct arena *a, struct slice in, struct buf *out);
};
enum kfk_sasl_said kfk_plain(struct kafka *k, struct kfk_session *s, struct arena *a, struct slice in, struct buf *out);
enum kfk_sasl_said kfk_bearer(struct kafka *k, struct kfk_session *s, struct arena *a, struct slice in, struct buf *out);
enum kfk_sasl_said kfk_iam(struct kafka *k, struct kfk_session *s, struct arena *a, struct slice in, struct buf *out);
enum kfk_sasl_said kfk_scram_256(struct kafka *k, struct kfk_session *s, struct arena *a, struct slice in, struct buf *out);
enum kfk_sasl_said kfk_scram_512(struct kafka *k, struct kfk_session *s, struct arena *a, struct slice in, struct buf *out);
void kfk_scram_free(struct kfk_scram *x); /* NULL is fine */
/* What is kept of a user in place of the password, by the number of the mechanism; salted: as long as a hash, and so are stored and server. */
enum { KFK_SCRAM_256 = 1, KFK_SCRAM_512 = 2 };
enum hash_kind kfk_scram_kind(int mechanism);
void kfk_scram_keys(enum hash_kind kind, const uint8_t *salted, uint8_t *stored, uint8_t *server);

/* Says why it failed: to the log, and to the client where told. Returns KFK_SASL_NO. */
enum kfk_sasl_said kfk_sasl_no(struct kfk_session *s, bool told, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The password of a user of the settings, or the secret of an identity of that name or access key; absent: there is none. */
struct slice kfk_password(const struct kafka *k, struct slice user);
/* NUL-terminated out: whether the message's user (a name with =2C and =3D) has well-formed text. */
bool kfk_saslname(struct arena *a, struct slice in, struct slice *out);

/* Whether the connection may ask this now; if not, it is hung up on. */
bool kfk_may_ask(struct kafka *k, const struct kfk_call *c);
/* Whether the connection's next message is a raw token, and serves it: false, hang up. */
bool kfk_sasl_raw(const struct conn *conn);
bool kfk_sasl_token(struct kafka *k, struct conn *conn, struct slice token);

/* A user whom an admin made, store.c; bytes are what stored.n of its mechanism's hash has. */
struct kfk_scram_user {
	int mechanism, iterations; /* 1: SHA-256, 2: SHA-512 */
	struct slice salt, stored_key, server_key;
};
/* 0 and found, in the arena; ERR_NOT_FOUND; a failure of the store. */
int kfk_store_scram(struct db *db, struct slice user, int mechanism, struct arena *a, struct kfk_scram_user *found, struct error *err) WARN_UNUSED;
int kfk_store_scram_set(struct db *db, struct slice user, const struct kfk_scram_user *u, struct error *err) WARN_UNUSED;
int kfk_store_scram_del(struct db *db, struct slice user, int mechanism, struct error *err) WARN_UNUSED;
typedef void (*kfk_scram_fn)(void *arg, struct slice user, int mechanism, int iterations);
int kfk_store_scrams(struct db *db, kfk_scram_fn each, void *arg, struct error *err) WARN_UNUSED; /* in order of users */

enum kfk_done kfk_serve_handshake(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_authenticate(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_describe_scram(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_alter_scram(struct kafka *k, struct kfk_call *c);

#endif
