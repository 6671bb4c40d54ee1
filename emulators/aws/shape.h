/* Shapes of requests and answers, written as text beside their operations:
 *
 *   "Name!:s1-2048 Type:String|StringList Tags:[{Key!:s1-128 Value!:s0-256}]0-50"
 *
 *   NAME      a member, by its name on the wire; "!" behind it: required. "@NAME": what a "{}" of the path stands for, in their
 *             order; "?NAME": of the query string. Without a type it is s.
 *   s         text, its length; "~regex~" behind it: a pattern        i  integer, its range       n  number       b  boolean
 *   t         a time: an integer of milliseconds in in and out        x  bytes: base64 text       j  anything that is JSON
 *   a|b|c     one of these words; one alone begins with a capital
 *   [T]       a list, its count; [Item=T]: XML's name of an item      {..} a structure            <T> a map from text
 *   "1-64" behind a type: from, to; "1-": without an end.
 *
 * The same text decodes a request of each protocol, checks it with the words of AWS's services, and says in answers what is a
 * time, bytes, or an item. What an answer holds beyond its shape is written as the JSON it is. */
#ifndef TARN_AWS_SHAPE_H
#define TARN_AWS_SHAPE_H

#include <jansson.h>

#include "core/http.h"

struct shape;
/* Reads the text, which stays the caller's and must live on. A wrong one is a fault of ours: the process ends with its place.
 * The same text gives the same shape again (they live as long as the process). */
const struct shape *shape_of(const char *text);

/* The form of a query protocol (body and query) as the tree that its dots spell; the caller's. Errors: INVALID. */
json_t *shape_form(const struct http_req *req, struct error *err);
enum shape_from { SHAPE_FORM, SHAPE_JSON };
/* Makes v what the shape says, in place: numbers and lists of a form, times as ms; nulls and what the shape doesn't know are dropped.
 * Errors: INVALID, text for a SerializationException. */
int shape_decode(const struct shape *s, json_t *v, enum shape_from from, struct error *err) WARN_UNUSED;
/* Adds what the path and the query string say. arg: what "{}" stood for. */
void shape_uri(const struct shape *s, const struct http_req *req, const struct slice *arg, json_t *v);
/* Checks all constraints: how many are broken; the first ten are told in *text, as "Value 'x' at 'name' failed to satisfy
 * constraint: ..."; values: what they are stands there, too. query: names as they stand; else with a small first letter. */
int shape_check(const struct shape *s, const json_t *v, bool values, struct buf *text) WARN_UNUSED;
/* The first name in a form that the shape doesn't know (EC2 refuses those); NULL: none. Before shape_decode. */
const char *shape_unknown(const struct shape *s, const json_t *v);

enum shape_time { SHAPE_SECONDS, SHAPE_ISO };
void shape_json(const struct shape *s, const json_t *v, enum shape_time time, struct buf *out);
/* The members of v as elements. item: what items of lists are called; ms: times with their milliseconds, always. */
void shape_xml(const struct shape *s, const json_t *v, const char *item, bool ms, struct buf *out);
/* CBOR of RPC v2. v is changed: its times are seconds then. */
void shape_cbor(const struct shape *s, json_t *v, struct buf *out);

#endif
