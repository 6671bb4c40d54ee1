/* Streaming queries: what readStream.format("kinesis") ... writeStream.format("delta").table(name) does. Those of the stack ([queries],
 * tarn stream) clean a stream's records by the rules of a dataset; those of notebooks run any plan, by their client (plan.c).
 *
 *   options.c     Spark's words for a query -> struct sq_options
 *   checkpoint.c  the files of a checkpoint folder: metadata, offsets/N, commits/N, sources/0/0
 *   source.c      shards of a Kinesis stream, read up to their tip, or once more between two sequence numbers
 *   sources.c     other sources: rates; source_delta.c  a Delta table's versions; source_files.c  files that come
 *   plan.c        queries whose batches a client runs
 *   rows.c        records -> rows of the table, and of its quarantine (jobs)
 *   batch.c       one micro-batch, step by step
 *   recover.c     a checkpoint folder -> where to go on; recover_shared.c  one that is
 *                 another query's; checkpoint_gone.c  temporary ones
 *   store.c       lake_streams.db: which queries were started, so that they run again after a restart
 *   status.c      what a query says about itself; query.c  start, stop, timers
 *   service.c     /api/tarn/streams
 *
 * A micro-batch, in Spark's order: the records' end is found by reading -> offsets/N is written where none is -> rows go to
 * TABLE_quarantine and then to TABLE, each with txn(query id, N) -> commits/N. Whatever dies between two steps: the next
 * start finds offsets/N without commits/N and runs the same sequence numbers again, and what was in already is skipped.
 *
 * One checkpoint folder belongs to one query. What happens to two queries that share one (the users' notebooks give all three
 * streams the same folder) is as in Spark 3: the folder's metadata gives both the same id, so starting the second stops the
 * first (spark.sql.streaming.stopActiveRunOnRestart), which says so in its status. The second then finds offsets that name
 * another stream and ends with that as its exception, having read and written nothing: on AWS the same numbers get
 * "... is invalid because it did not come from this stream" from GetShardIterator. DIFFERS: we say so before asking, because
 * numbers of two streams can look alike. The folder is untouched: the first query goes on from it when started again. */
#ifndef TARN_STREAMING_H
#define TARN_STREAMING_H

#include "core/service.h"

extern const struct service streaming_service;

#endif
