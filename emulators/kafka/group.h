/* Groups of consumers: who is in them, what they have committed.
 *
 *   group.c          the groups, and what is kept of them          store_group.c  their rows in kafka.db
 *   group_round.c    the classic protocol's rounds: members come, all have joined, the leader assigns
 *   group_join.c     JoinGroup, SyncGroup, Heartbeat, LeaveGroup   group_list.c   FindCoordinator, describe, list, delete
 *   offset.c         offsets: commit, fetch, delete, expiry, those of transactions
 *
 * Rows of kafka.db are the truth: a group as its last complete round left it (as Kafka's own coordinator keeps it), offsets as they were
 * committed. The same facts are records of __consumer_offsets, appended in the same tick. Rounds under way are memory's alone: after a
 * restart or a failed commit members are told to come again. All times are of the emulated clock.
 * Spec: kafka.apache.org/protocol.html, KIP-62, KIP-345 (static members), KIP-394 (member ids), KIP-848. */
#ifndef TARN_KAFKA_GROUP_H
#define TARN_KAFKA_GROUP_H

#include "kafka/kafka.h"
#include "kafka/node.h"

enum {
	KFK_OFFSETS_PARTS = 50,     /* of __consumer_offsets */
	KFK_GROUP_OPERATIONS = 3400, /* read, delete, describe, describe and alter configs: all that can be done to a group */
};
#define KFK_OFFSETS_TOPIC "__consumer_offsets"

enum kfk_group_state { KFK_GROUP_EMPTY, KFK_GROUP_PREPARING, KFK_GROUP_COMPLETING, KFK_GROUP_STABLE };

struct kfk_protocol { /* how to assign, of a member */
	struct slice name, metadata;
};
struct kfk_group;
struct kfk_modern;
struct kfk_member {
	struct kfk_group *group;
	char *id, *instance; /* owned; instance NULL: a dynamic member */
	char *client, *host; /* owned; host as Java writes it, "/127.0.0.1" */
	int32_t session_ms, rebalance_ms;
	struct kfk_protocol *protocols; /* owned, one piece with their bytes */
	size_t protocol_n;
	char *assignment; /* owned */
	size_t assignment_n;
	bool fresh;                     /* in its very first join */
	bool joined, syncing, unsynced; /* of this round: has joined, waits for its assignment; was told the round's end and didn't sync yet */
	struct kfk_held *join, *sync;   /* answers owed; NULL too where who asked is gone */
	struct clock_timer timer;       /* its session */
};
/* A member id that was given out and hasn't joined yet. */
struct kfk_coming {
	struct kfk_group *group;
	char *id; /* owned */
	struct clock_timer timer;
};
struct kfk_group {
	struct kafka *k;
	char *id;   /* owned */
	bool kept;  /* has a row */
	enum kfk_group_state state, before; /* before: the state before this one */
	char *type, *protocol; /* owned; type "" : only offsets were ever committed; protocol NULL: none chosen */
	int32_t generation;
	int64_t since_ms; /* when the state began */
	struct kfk_member **members, *leader; /* owned, in the order in which they came */
	size_t member_n, member_cap;
	struct kfk_coming **coming; /* owned */
	size_t coming_n, coming_cap;
	struct slice *topics; /* owned, one piece with their bytes: what the members of type "consumer" subscribe to; NULL: unknown */
	size_t topic_n;
	struct kfk_modern *modern; /* owned; of the consumer protocol (modern.h): then nothing below counts, and there are no members; NULL: classic */
	bool newcomer;     /* somebody joined in the first round's delay */
	int64_t delay_ms, rest_ms;   /* of the first round: this wait, what may be waited after it */
	struct clock_timer round, syncs; /* the round's end; until when all must have synced */
	struct loop_soon turn;       /* looks whether the round is over */
};

struct kfk_groups;

/* ---- group.c ---- */

/* Opens and closes with the broker's database. */
int kfk_groups_open(struct kafka *k, struct error *err) WARN_UNUSED;
void kfk_groups_close(struct kafka *k);
/* All anew from the rows; whoever waits is told to come again. */
int kfk_groups_load(struct kafka *k, struct error *err) WARN_UNUSED;
/* At the end of a tick, before its commit: appends the records of __consumer_offsets. */
void kfk_groups_flush(struct kafka *k);
/* The same for one partition, before other records go there. */
void kfk_groups_flush_one(struct kafka *k, int partition);

/* Whether who asks may do that to the group, here: NONE, GROUP_AUTHORIZATION_FAILED, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE. */
int kfk_group_may(struct kafka *k, const struct kfk_call *c, const char *action, struct slice id);
/* The same, of a member: INVALID_GROUP_ID too. */
int kfk_group_may_join(struct kafka *k, const struct kfk_call *c, struct slice id);
struct kfk_group *kfk_group(struct kafka *k, struct slice id); /* NULL: unknown */
struct kfk_group *kfk_group_at(struct kafka *k, size_t i);     /* in order of their ids; NULL: past the end */
struct kfk_group *kfk_group_make(struct kafka *k, struct slice id);
/* With all its offsets. Returns a kfk_code. */
int kfk_group_delete(struct kfk_group *g);
/* Keeps it as it is now. Returns a kfk_code. */
int kfk_group_keep(struct kfk_group *g);
void kfk_group_turns(struct kfk_group *g, enum kfk_group_state state);
/* Its record is no more: it becomes one of the other protocol. */
void kfk_group_tombstone(const struct kfk_group *g);
bool kfk_group_empty(const struct kfk_group *g); /* of members, whatever its protocol */
/* A setting of the group's own by its name, else the broker's. */
int64_t kfk_group_setting(const struct kafka *k, struct slice group, const char *name, const char *broker, int64_t otherwise);
const char *kfk_group_state_name(const struct kfk_group *g);
/* __consumer_offsets, made at its first use, as there; NULL: it can't be. */
struct kfk_topic *kfk_offsets_topic(struct kafka *k);
/* A record for __consumer_offsets of this tick; value absent: a tombstone. Both are with their version in front. */
void kfk_group_record(struct kafka *k, struct slice group, struct slice key, struct slice value);
/* Whether the group's members, of type consumer, read the topic. */
bool kfk_group_reads(const struct kfk_group *g, struct slice topic);

struct kfk_member *kfk_group_member(const struct kfk_group *g, struct slice id);
struct kfk_member *kfk_group_static(const struct kfk_group *g, struct slice instance);
struct kfk_coming *kfk_group_coming(const struct kfk_group *g, struct slice id);
/* Kafka's validateMember: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, or 0 and the member. */
int kfk_group_find(const struct kfk_group *g, struct slice id, struct slice instance, struct kfk_member **out);
struct kfk_member *kfk_member_add(struct kfk_group *g, struct slice id, struct slice instance, struct slice client, struct slice host);
void kfk_member_drop(struct kfk_member *m);
void kfk_coming_add(struct kfk_group *g, struct slice id, int32_t session_ms, void (*late)(void *arg));
void kfk_coming_drop(struct kfk_coming *c);
void kfk_member_protocols(struct kfk_member *m, const struct kfk_protocol *p, size_t n);
void kfk_member_assign(struct kfk_member *m, struct slice bytes);
/* The member's bytes for a protocol; absent: it doesn't have it. */
struct slice kfk_member_metadata(const struct kfk_member *m, const char *protocol);
/* "NAME-UUID", in 300 bytes at most of out. */
int kfk_member_id(struct kafka *k, struct slice name, struct arena *a, struct slice *out);
/* An id as Kafka's Uuid writes it, in the arena. Returns a kfk_code. */
int kfk_uuid(struct kafka *k, struct arena *a, struct slice *out);
struct slice kfk_client_host(const struct conn *conn, struct arena *a);

/* ---- group_round.c ---- */

/* Its session starts anew. */
void kfk_member_beats(struct kfk_member *m);
void kfk_member_expires(struct kfk_member *m, int64_t ms);
/* A new round, where one can begin; otherwise looks whether the one under way is over. Nothing is answered before the next turn. */
void kfk_round_begin(struct kfk_group *g, const char *why);
/* On the next turn it is looked whether all have joined. */
void kfk_round_look(struct kfk_group *g);
/* The member goes, with what it waits for; the others go on without it. */
void kfk_round_leaves(struct kfk_member *m, const char *why);
void kfk_round_coming_late(void *coming);
void kfk_answer_join(struct kfk_member *m, int code);
void kfk_answer_sync(struct kfk_member *m, int code);
/* The member has synced; the timer ends with the last. */
void kfk_round_synced(struct kfk_member *m);
bool kfk_group_all_share(const struct kfk_group *g, struct slice protocol);
struct slice kfk_group_choose(const struct kfk_group *g); /* by the members' votes */
/* Answer of JoinGroup with the group as it is; the leader's with the members. Borrows from g and a. */
void kfk_round_told(const struct kfk_group *g, const struct kfk_member *m, struct arena *a, struct kp_join_group_resp *out);
/* What the members read, out of their subscriptions. */
void kfk_group_subscribe(struct kfk_group *g);

/* ---- group_join.c, group_list.c ---- */

enum kfk_done kfk_serve_join_group(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_sync_group(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_heartbeat(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_leave_group(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_find_coordinator(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_describe_groups(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_list_groups(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_delete_groups(struct kafka *k, struct kfk_call *c);

/* ---- offset.c ---- */

struct kfk_offset {
	struct slice topic;
	int32_t partition, epoch; /* epoch -1: unknown */
	int64_t offset;
	struct slice metadata;
	int64_t at_ms, expire_ms; /* expire_ms -1: as the broker's setting says */
};
enum kfk_done kfk_serve_offset_commit(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_offset_fetch(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_offset_delete(struct kafka *k, struct kfk_call *c);
/* The committed offsets of a topic that is deleted go. */
void kfk_offsets_topic_gone(struct kafka *k, struct slice topic);
void kfk_offsets_expire(void *k);

/* Of transactions. Whether a TxnOffsetCommit may be: generation, member and instance as it has them (-1, "", absent before v3).
 * Returns ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID or 0. */
int kfk_offsets_may_stage(struct kafka *k, struct slice group, int32_t generation, struct slice member, struct slice instance);
/* Keeps offsets until the transaction of that producer ends: OffsetFetch that asks for stable ones is told 88 meanwhile. They are a batch of
 * the transaction in __consumer_offsets, which its marker ends. codes: a kfk_code for each: OFFSET_METADATA_TOO_LARGE,
 * UNKNOWN_TOPIC_OR_PARTITION, KAFKA_STORAGE_ERROR. at_ms, expire_ms aren't looked at. */
void kfk_offsets_stage(struct kafka *k, int64_t pid, int16_t epoch, struct slice group, const struct kfk_offset *o, size_t n, int16_t *codes);
/* The producer's transaction has ended in that partition of __consumer_offsets, -1: in all: what it staged is committed, or dropped.
 * Returns a kfk_code. */
int kfk_offsets_ended(struct kafka *k, int64_t pid, int slot, bool commit);

/* ---- store_group.c ---- */

struct kfk_group_store; /* its statements */
int kfk_group_store_open(struct db *db, struct kfk_group_store **out, struct error *err) WARN_UNUSED;
void kfk_group_store_close(struct kfk_group_store *s);
/* Records of groups of the consumer protocol; value absent: no more. Given in order of group and key. */
int kfk_group_store_record(struct kfk_group_store *s, struct slice group, struct slice key, struct slice value, struct error *err) WARN_UNUSED;
typedef void (*kfk_group_record_fn)(void *arg, struct slice group, struct slice key, struct slice value);
int kfk_group_store_records(struct kfk_group_store *s, kfk_group_record_fn each, void *arg, struct error *err) WARN_UNUSED;
typedef void (*kfk_group_fn)(void *arg, struct slice id, struct slice value);
int kfk_group_store_each(struct kfk_group_store *s, kfk_group_fn each, void *arg, struct error *err) WARN_UNUSED;
/* value: what the group's record says, its version in front; absent: it has none. */
int kfk_group_store_put(struct kfk_group_store *s, struct slice id, struct slice value, struct error *err) WARN_UNUSED;
int kfk_group_store_del(struct kfk_group_store *s, struct slice id, struct error *err) WARN_UNUSED; /* with its offsets */
int kfk_offset_store_put(struct kfk_group_store *s, struct slice group, const struct kfk_offset *o, struct error *err) WARN_UNUSED;
int kfk_offset_store_del(struct kfk_group_store *s, struct slice group, struct slice topic, int32_t partition, struct error *err) WARN_UNUSED;
/* 1: there is one (its texts are valid until the next call), 0: there isn't. pending: a transaction's, of whichever producer. */
int kfk_offset_store_get(struct kfk_group_store *s, struct slice group, struct slice topic, int32_t partition, struct kfk_offset *o,
			 struct error *err) WARN_UNUSED;
/* topic absent: of any topic. */
int kfk_offset_store_pends(struct kfk_group_store *s, struct slice group, struct slice topic, int32_t partition, bool *pends, struct error *err) WARN_UNUSED;
/* What each is given is valid during its call. */
typedef void (*kfk_offset_fn)(void *arg, struct slice group, const struct kfk_offset *o);
int kfk_offset_store_of(struct kfk_group_store *s, struct slice group, kfk_offset_fn each, void *arg, struct error *err) WARN_UNUSED;
int kfk_offset_store_of_topic(struct kfk_group_store *s, struct slice topic, kfk_offset_fn each, void *arg, struct error *err) WARN_UNUSED;
int kfk_offset_store_stage(struct kfk_group_store *s, int64_t pid, int slot, struct slice group, const struct kfk_offset *o, struct error *err) WARN_UNUSED;
int kfk_offset_store_staged(struct kfk_group_store *s, int64_t pid, int slot, kfk_offset_fn each, void *arg, struct error *err) WARN_UNUSED;
int kfk_offset_store_unstage(struct kfk_group_store *s, int64_t pid, int slot, struct error *err) WARN_UNUSED;

struct kfk_group_store *kfk_group_store(const struct kafka *k);

#endif
