/* A record's way through the pipeline, hop by hop: what each service kept of it, put together when somebody asks.
 *
 * Where one hop leads to the next stands in the services' state, not in guesses: the request's trace id in the record's header, the object
 * and line of an offset in connect.db (con_written), the object and line of a bad record in the lake's quarantine. The way back to the row is
 * the record's key. What the rules of cleaning make of the line is done once more, by the same functions; which versions of the Delta table
 * have the row, the table is asked.
 *
 * GET /api/journey/ID, ID one of
 *	t-000000000012             the request's trace id, of the journal or what its client sent as X-Tarn-Trace
 *	TOPIC/PARTITION/OFFSET     a record
 *	STREAM/SHARD/SEQUENCE      a record of a stream
 *	s3://BUCKET/KEY#LINE       a line of an object of the sink (without #LINE the first)
 *	FIELD=VALUE                the newest record with that member, in topics, then in streams
 *	key:KEY                    the newest record with that key (partition key, in streams)
 *	random                     any record of the stack's topics, another one each time
 * answers {"id":"…","found":true,"path":"rds>apigateway>kafka-rest>kafka>connect-s3>s3>lake","hops":[…]} or "found":false with "why".
 * A hop: {"service":"kafka","kind":"record","state":"done|waiting|failed|quarantined|unknown","title":"…","time":ISO (the stack's clock),
 * "real_us":N (what it took), "bytes":N,"facts":{…},"input":TEXT,"output":TEXT,"changed":["column", …],"links":{"object":"s3://…", …}}; members
 * that a hop hasn't are left out. Kinds, in this order: row, request, template, record, buffer or object, clean or quarantine, commit, question. */
#ifndef TARN_JOURNEY_H
#define TARN_JOURNEY_H

#include "stack/server.h"

/* done is called once, later, unless what is returned is cancelled: json is the document above, valid during the call. */
typedef void (*journey_done)(void *arg, bool found, struct slice path, struct slice json);
struct owed *journey_ask(struct server *s, struct slice id, journey_done done, void *arg);
/* Services are about to close: those under way are answered with what is there so far. */
void journeys_end(struct server *s);
/* The operation; self is the server. */
void control_journey(void *self, struct http_call *call);

#endif
