/* What a host name and a port of AWS, or of what stands around it, mean here: which service, and the loopback address the name gets.
 *
 * Three uses: the resolver answers with it (dns.h), whoever leads a program here finds its listener by it (door.h), and the AWS port
 * tells by a request's Host whose it is. Nothing here resolves anything. */
#ifndef TARN_NAMES_H
#define TARN_NAMES_H

#include "core/conf.h"

enum name_kind {
	NAME_FOREIGN,    /* none of ours: refused */
	NAME_AWS,        /* an API's host: sts.us-east-1.amazonaws.com, 123456789012.data-kinesis.…, api.airflow.… */
	NAME_INVOKE,     /* ID.execute-api.REGION.amazonaws.com */
	NAME_BUCKET,     /* BUCKET.s3.…: the object store */
	NAME_DATABASE,   /* NAME.HASH.REGION.rds.amazonaws.com */
	NAME_BROKER,     /* b-1.CLUSTER.HASH.c3.kafka.REGION.amazonaws.com, also of MSK Serverless */
	NAME_MACHINE,    /* ec2-1-2-3-4.compute-1.amazonaws.com, where the REST proxy and Connect run */
	NAME_AIRFLOW,    /* the web server of an MWAA environment */
	NAME_DATABRICKS, /* a workspace */
	NAME_OWN,        /* of [front] names */
	NAME_KINDS
};

struct name {
	enum name_kind kind;
	struct slice service; /* AWS: "sts", "kafka", "data-kinesis"; OWN: the service it leads to; else absent. Borrowed of the host */
	struct slice prefix;  /* AWS: what stands before the service: "api", an account's 12 digits; absent without */
	struct slice id;      /* INVOKE: the API's id; BUCKET: the bucket; BROKER: "b-1"; else absent */
	struct slice region;  /* absent where the name has none: iam.amazonaws.com */
};
/* host: as in a Host header or an SNI, also with a port or a final point; any case. conf: [front] names; NULL: none.
 * Returns the kind. */
enum name_kind name_read(struct slice host, const struct conf *conf, struct name *out);
/* One word for it: "an API's invoke host". */
const char *name_kind_doc(enum name_kind kind);

/* ---- ports ---- */

/* What is behind a port of such a name. */
enum front_service { FRONT_NONE, FRONT_HTTP /* told by Host */, FRONT_RDS, FRONT_KAFKA, FRONT_REST, FRONT_CONNECT, FRONT_DNS };
struct front_port {
	int port;
	enum front_service service;
	const char *doc;
};
extern const struct front_port front_ports[]; /* ends with port 0 */
enum front_service front_service_of(int port);
/* The key of the endpoints file and the service's name: "aws", "rds", "kafka", "rest", "connect"; NULL: FRONT_NONE, FRONT_DNS. */
const char *front_service_name(enum front_service service);
/* Which service a program that dials host:port means; FRONT_NONE: none of ours, refuse it. */
enum front_service front_lookup(struct slice host, int port, const struct conf *conf);

/* ---- addresses ---- */

/* Names share FRONT_ADDRESS, but for brokers, which have one each as far as FRONT_BROKERS goes, since plain Kafka carries no name;
 * beyond that they share the last one. All in host byte order. */
enum { FRONT_ADDRESS = 0x7f4d0001 /* 127.77.0.1 */, FRONT_RESOLVER = 0x7f4d0035 /* 127.77.0.53 */, FRONT_BROKERS = 15 };
/* The names given out so far, to find a name by its address again. */
struct name_book {
	char *broker[FRONT_BROKERS];
};
/* The address of a name of ours; 0: foreign. */
uint32_t name_address(struct name_book *book, struct slice host, const struct conf *conf);
/* The broker's name that has an address; NULL: none, or no broker's. */
const char *name_of_address(const struct name_book *book, uint32_t address);
void name_book_free(struct name_book *book);

extern const struct setting front_settings[];

#endif
