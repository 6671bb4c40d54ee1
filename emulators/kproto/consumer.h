/* A consumer over the ports log and broker: the local side of the port consumers.
 *   consumer.c        what it reads, positions, commits      consumer_group.c  its place in the group, as a member
 * It asks as kafka-clients do: nothing before the first poll; the group's range assignor; heartbeats and commits on the emulated clock. */
#ifndef KP_CONSUMER_H
#define KP_CONSUMER_H

#include "core/service.h"
#include "java/regex.h"

enum {
	KP_SESSION_MS = 45000,
	KP_HEARTBEAT_MS = 3000,
	KP_POLL_INTERVAL_MS = 300000, /* max.poll.interval.ms: who doesn't poll for that long has left */
	KP_FETCH_BYTES = 256 << 10,
	KP_BACKOFF_MS = 100,          /* real time: before asking again */
};

/* A partition that is read. */
struct kp_place {
	struct kp_place *next;
	struct consumer *c;
	char *topic; /* owned */
	int partition;
	int64_t position;  /* of the next poll; -1: the end, -2: the beginning, not looked up; -3: where the group is */
	int64_t polled;    /* what a commit of all says; -1: nothing was polled */
	struct owed *read; /* under way */
	bool dry;          /* there was nothing the last time */
	struct arena arena;
	struct log_record *records; /* read and not polled, in arena */
	size_t n, at;
	int64_t after;     /* the position once they are */
};
/* A member of the group and what it subscribes to, while the leader assigns. */
struct kp_assigned {
	struct slice member, instance;
	struct slice *topics;
	size_t topic_n;
	struct buf places; /* ConsumerProtocolAssignment */
};
enum kp_member { KP_NO_MEMBER, KP_JOINING, KP_SYNCING, KP_MEMBER };
struct consumer {
	struct consumer *next;
	struct kp_consumers *all;
	char *group, *client, *instance, *reset; /* owned; instance NULL: none */
	int64_t auto_commit_ms, session_ms;
	bool committed;
	size_t fetch_bytes;
	char **topics; /* subscribed to; owned */
	size_t topic_n;
	char *pattern; /* owned; NULL: none */
	struct java_regex regex;
	struct arena regex_arena;
	bool subscribed, regex_ok;
	struct kp_place *places;
	/* In the group. */
	enum kp_member state;
	char *member; /* id; owned; NULL: none yet */
	int32_t generation;
	bool rejoin;  /* at the next poll: the group rebalances, or what it is to read has changed */
	bool leads;
	bool looking_up; /* where the group is */
	char *asked_for; /* what there was of its topics at the last join, as a text; owned */
	int64_t looked_ms; /* emulated time of the last look at topics */
	struct arena round; /* of a join under way */
	struct kp_assigned *round_members; /* whom this one, leading, assigns partitions to, in round */
	size_t round_n;
	struct clock_timer beat, save;
	int64_t polled_ms; /* emulated time of the last poll */
	struct owed *steps, *beating, *saving, *looking;
	struct owed *again;  /* a wait before the next try */
	struct kp_poll *poll; /* under way */
	char *wrong;  /* what the next poll says; owned */
};
struct kp_poll {
	struct owed owed;
	struct consumer *c;
	size_t most;
	struct loop_soon turn;
	struct owed *wait; /* its end */
	bool over;
	consumed_cb cb;
	void *arg;
};
struct kp_consumers {
	const struct env *env;
	struct consumer *first;
	struct owed *owed;     /* what consumers owe */
	struct owed *leaving;  /* LeaveGroup and last commits of closed ones */
};

/* Fills ports->consumers; all must live as long as the ports. */
void kp_consumers_provide(struct kp_consumers *all, const struct env *env, struct ports *ports);
/* Records may have come. */
void kp_consumers_wake(struct kp_consumers *all);
void kp_consumers_close(struct kp_consumers *all);

/* ---- between the two files ---- */
/* For answers that nobody waits for. */
void kp_told_no_one(void *arg, const void *answer, const struct error *err);
void kp_places_drop(struct consumer *c);
struct kp_place *kp_place_add(struct consumer *c, struct slice topic, int partition, int64_t position);
/* Looks whether the poll can be answered, and reads on, on the next turn. */
void kp_poll_turn(struct consumer *c);
void kp_consumer_wrong(struct consumer *c, int code, const char *text);
/* What a poll does for its place in the group, and for where it reads: the next step, unless one is under way. */
void kp_group_go_on(struct consumer *c);
/* What is owed of the group, and its timers, are taken back; leave: it says so to the group. */
void kp_group_end(struct consumer *c, bool leave);
/* Commits all that was polled, without an answer to anyone. */
void kp_commit_all(struct consumer *c, struct owed **list);

#endif
