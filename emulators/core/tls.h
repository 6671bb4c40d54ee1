/* TLS on any port: what a client says in TLS is said in plain text to whoever serves it, through a pair of sockets. So HTTP/1, HTTP/2,
 * Kafka and MySQL know nothing of it, and back-pressure, hang-ups and limits are the same.
 *
 * The certificates are made by the stack's own authority, which lies in the state folder (ca.key, mode 0600; ca.pem is what clients
 * are told to trust) and is made when it is first asked for, by a client's hello or by tarn ca. Each name that a client asks for
 * gets its own, valid for it, for localhost and for the addresses of this machine. Certificates go by real time. */
#ifndef TARN_TLS_H
#define TARN_TLS_H

#include "err.h"

struct loop;
union address;
struct tls;

/* dir: the state folder, NULL: in memory. Makes nothing yet. */
struct tls *tls_new(const char *dir);
/* Ends its connections: what they were given to send leaves if their sockets take it. Before the loop is freed; NULL is fine. */
void tls_free(struct tls *t);

/* The authority's certificate, PEM; its key stays where it is. Errors: STORE. */
int tls_ca(struct tls *t, struct slice *pem, struct error *err) WARN_UNUSED;

/* fn is told when a client breaks off because it doesn't trust the certificate for a name; once for many of the same name in a row. */
void tls_on_distrust(struct tls *t, void (*fn)(void *arg, const char *name), void *arg);

enum tls_alpn { TLS_ALPN_NONE, TLS_ALPN_HTTP1, TLS_ALPN_HTTP2 }; /* HTTP2: HTTP/1.1 too */
/* Serves TLS on a descriptor, from the client's hello on; first: what was read of it already. *plain is the other side: what the
 * client says is read there, what is written leaves, and closing it ends the connection. fd is taken over unless it fails.
 * Errors: STORE, INTERNAL. */
int tls_wrap(struct tls *t, struct loop *loop, int fd, const union address *local, enum tls_alpn alpn, struct slice first, int *plain,
	     struct error *err) WARN_UNUSED;

/* ---- ca.c: the authority ---- */
struct ca;
struct ca_leaf;
struct gnutls_certificate_credentials_st;
struct ca *ca_new(const char *dir);
void ca_free(struct ca *ca);
int ca_pem(struct ca *ca, struct slice *pem, struct error *err) WARN_UNUSED;
/* The certificate for a name ("": none was asked for) at an address of ours; ca_leaf_drop when nobody uses it any more. */
int ca_leaf_for(struct ca *ca, struct slice name, const union address *local, struct ca_leaf **out, struct error *err) WARN_UNUSED;
struct gnutls_certificate_credentials_st *ca_credentials(struct ca_leaf *leaf);
void ca_leaf_drop(struct ca_leaf *leaf);

#endif
