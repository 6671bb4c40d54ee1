/* Groups of the consumer protocol (KIP-848): members say what they subscribe to and what they own by ConsumerGroupHeartbeat, the broker
 * assigns. Each group has an epoch, which goes up with whatever makes a new assignment; the target assignment is made for it at once; each
 * member moves to it by itself, first giving up what another is to have.
 *
 *   group_modern.c  heartbeats: epochs, subscriptions, moving to the target    reader.c       its members
 *   assign.c        the assignors uniform and range                            modern_kept.c  its records, which are the rows; describing it
 *
 * What is kept are the records of Kafka's own coordinator (kproto/schema_kept.h), one row each. Members of the classic protocol are not
 * taken into such a group, nor is a group with classic members taken over: as the policy "disabled" of group.consumer.migration.policy has
 * it. A group without members goes over from one protocol to the other. */
#ifndef TARN_KAFKA_MODERN_H
#define TARN_KAFKA_MODERN_H

#include "kafka/group.h"

struct kfk_spot {
	int64_t topic; /* struct kfk_topic's id */
	int32_t partition;
};
struct kfk_places { /* by topic and partition */
	struct kfk_spot *p; /* owned */
	size_t n, cap;
};
enum kfk_reader_state { KFK_READER_STABLE, KFK_READER_REVOKES, KFK_READER_WAITS }; /* WAITS: for what others still have */
struct kfk_reader {
	struct kfk_group *group;
	char *id, *instance, *rack, *client, *host; /* owned; instance, rack NULL: none */
	char *regex, *assignor;                     /* owned; NULL: none */
	char **names; /* owned: the topics it subscribes to by name, in order */
	size_t name_n;
	int64_t *topics; /* owned: those of names and regex that there are, by id */
	size_t topic_n;
	int32_t epoch, previous, rebalance_ms;      /* epoch -2: a static member that left for a while */
	enum kfk_reader_state state;
	struct kfk_places assigned, revoking, target;
	struct clock_timer session, revokes;
};
struct kfk_modern {
	int32_t epoch, target_epoch;
	struct kfk_reader **readers; /* owned, in the order in which they came */
	size_t n, cap;
	uint64_t topics_seen; /* kafka.topics_changed when topics were last looked up; 0: not yet */
	uint64_t topics_hash; /* over them and their numbers of partitions */
};

/* ---- group_modern.c ---- */

enum kfk_done kfk_serve_consumer_heartbeat(struct kafka *k, struct kfk_call *c);
/* Which topics a member reads, of those that conn may see (NULL: all). */
void kfk_reader_look_up(struct kafka *k, const struct conn *conn, struct kfk_reader *r);
bool kfk_reader_has(const struct kfk_reader *r, int64_t topic);
/* Over all topics that are subscribed to, and how many partitions they have. */
uint64_t kfk_modern_hash(const struct kfk_group *g);

/* ---- reader.c ---- */

struct kfk_reader *kfk_reader_static(const struct kfk_group *g, struct slice instance);
void kfk_reader_names_free(struct kfk_reader *r);
/* It is out; the others' assignment is made anew by the next who is heard of. Returns a kfk_code. */
int kfk_reader_fence(struct kfk_reader *r, const char *why);
void kfk_reader_beats(struct kfk_reader *r);   /* its session, anew */
void kfk_reader_revokes(struct kfk_reader *r); /* its time to revoke begins, or isn't needed */
struct kfk_reader *kfk_reader(const struct kfk_group *g, struct slice id);
/* The group is of the consumer protocol from now on, without members. */
void kfk_modern_make(struct kfk_group *g);
void kfk_modern_free(struct kfk_group *g);
/* Back to a classic group without members. Returns a kfk_code. */
int kfk_modern_leave(struct kfk_group *g);
/* Who may commit: as validateOffsetCommit of a consumer group. Returns a kfk_code. */
int kfk_modern_may_commit(const struct kfk_group *g, int32_t epoch, struct slice member, struct slice instance, int16_t version, bool staged);
/* Who may fetch: member absent and epoch -1: anyone. */
int kfk_modern_may_fetch(const struct kfk_group *g, int32_t epoch, struct slice member);
/* An administrator removes a static member. False: there is none of that name. */
bool kfk_modern_remove(struct kfk_group *g, struct slice instance);
const char *kfk_modern_state(const struct kfk_group *g);
bool kfk_modern_reads(const struct kfk_group *g, struct slice topic);
struct kfk_reader *kfk_reader_add(struct kfk_group *g, struct slice id);

void kfk_places_add(struct kfk_places *s, int64_t topic, int32_t partition);
bool kfk_places_has(const struct kfk_places *s, int64_t topic, int32_t partition);
bool kfk_places_equal(const struct kfk_places *a, const struct kfk_places *b);
void kfk_places_clear(struct kfk_places *s);
/* As messages have it: *n elements of a topic each, in the arena; topics that are gone too. */
struct kp_consumer_places *kfk_places_told(const struct kfk_places *s, struct arena *a, int32_t *n);

/* ---- assign.c ---- */

/* Makes everyone's target anew. */
void kfk_assign(struct kafka *k, struct kfk_group *g);
/* The assignor by the members' votes. */
const char *kfk_assignor(const struct kfk_group *g);
bool kfk_assignor_known(struct slice name);

/* ---- modern_kept.c ---- */

/* Each returns a kfk_code. */
int kfk_keep_epoch(const struct kfk_group *g, bool target); /* the group's, or the target's */
int kfk_keep_reader(const struct kfk_reader *r);
int kfk_keep_target(const struct kfk_reader *r);
int kfk_keep_current(const struct kfk_reader *r);
int kfk_unkeep_reader(const struct kfk_reader *r);
int kfk_unkeep_modern(const struct kfk_group *g);
/* A row, at start. */
void kfk_modern_load(void *k, struct slice group, struct slice key, struct slice value);
int64_t kfk_topic_number(struct kp_uuid id); /* of a topic that may be gone */

enum kfk_done kfk_serve_consumer_describe(struct kafka *k, struct kfk_call *c);

#endif
