/* The stack traces a failed task shows: what was recorded from Connect 4.0 with the sink 10.0.3; frames that the
 * recordings don't reach stand without a line number. */
#include "connect/report.h"

#define RT "\n\tat org.apache.kafka.connect.runtime."
#define THREAD                                                                                     \
	RT "WorkerTask.doRun(WorkerTask.java:226)" RT "WorkerTask.run(WorkerTask.java:281)" RT     \
	"isolation.Plugins.lambda$withClassLoader$1(Plugins.java:238)"                             \
	"\n\tat java.base/java.util.concurrent.Executors$RunnableAdapter.call(Executors.java:539)" \
	"\n\tat java.base/java.util.concurrent.FutureTask.run(FutureTask.java:264)"                \
	"\n\tat java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1136)" \
	"\n\tat java.base/java.util.concurrent.ThreadPoolExecutor$Worker.run(ThreadPoolExecutor.java:635)" \
	"\n\tat java.base/java.lang.Thread.run(Thread.java:840)"
#define POLL                                                                                       \
	RT "WorkerSinkTask.poll(WorkerSinkTask.java:344)" RT "WorkerSinkTask.iteration(WorkerSinkTask.java:247)" RT \
	"WorkerSinkTask.execute(WorkerSinkTask.java:216)" THREAD
#define EXECUTE                                                                                    \
	"errors.RetryWithToleranceOperator.execAndHandleError(RetryWithToleranceOperator.java:260)" RT \
	"errors.RetryWithToleranceOperator.execute(RetryWithToleranceOperator.java:180)" RT
#define RETRY                                                                                      \
	"errors.RetryWithToleranceOperator.execAndRetry(RetryWithToleranceOperator.java:208)" RT   \
	"errors.RetryWithToleranceOperator.execAndHandleError(RetryWithToleranceOperator.java:244)"
#define CONVERTER "\n\tat org.apache.kafka.connect.storage.Converter.toConnectData(Converter.java:91)" RT
enum { INNER_FRAMES = 4 }; /* in each inner */
/* Frames of a stage: of the operator that gave up, of what it called, and how many of both are the same. */
static const struct {
	const char *outer, *inner;
	int more;
} stage_frames[] = {
	[STAGE_KEY_CONVERTER] = { "WorkerSinkTask.convertAndTransformRecord(WorkerSinkTask.java:538)", CONVERTER "WorkerSinkTask.lambda$convertAndTransformRecord$3(WorkerSinkTask.java:538)" RT RETRY, 14 },
	[STAGE_VALUE_CONVERTER] = { "WorkerSinkTask.convertAndTransformRecord(WorkerSinkTask.java:541)", CONVERTER "WorkerSinkTask.lambda$convertAndTransformRecord$4(WorkerSinkTask.java:541)" RT RETRY, 14 },
	[STAGE_HEADER_CONVERTER] = { "WorkerSinkTask.convertAndTransformRecord(WorkerSinkTask.java:544)",
				     RT "WorkerSinkTask.convertHeadersFor(WorkerSinkTask.java:579)" RT "WorkerSinkTask.lambda$convertAndTransformRecord$5(WorkerSinkTask.java:544)" RT RETRY, 14 },
	[STAGE_TRANSFORMATION] = { "TransformationChain.apply(TransformationChain.java:57)" RT "WorkerSinkTask.convertAndTransformRecord(WorkerSinkTask.java:565)",
				   RT "TransformationStage.apply(TransformationStage.java:57)" RT "TransformationChain.lambda$apply$0(TransformationChain.java:57)" RT RETRY, 15 },
};
#define READ                                                                                       \
	"\n\tat com.fasterxml.jackson.databind.ObjectMapper._readTreeAndClose(ObjectMapper.java:4928)" \
	"\n\tat com.fasterxml.jackson.databind.ObjectMapper.readTree(ObjectMapper.java:3292)"      \
	"\n\tat org.apache.kafka.connect.json.JsonDeserializer.deserialize(JsonDeserializer.java:73)\n\t... 19 more\n"
#define JACKSON "\n\tat com.fasterxml.jackson.core."
#define BAD_TOKEN                                                                                  \
	JACKSON "JsonParser._constructError(JsonParser.java:2481)" JACKSON                         \
		"base.ParserMinimalBase._reportError(ParserMinimalBase.java:762)" JACKSON          \
		"json.UTF8StreamJsonParser._reportInvalidToken(UTF8StreamJsonParser.java:3703)" JACKSON \
		"json.UTF8StreamJsonParser._handleUnexpectedValue(UTF8StreamJsonParser.java:2791)" JACKSON \
		"json.UTF8StreamJsonParser._nextTokenNotInObject(UTF8StreamJsonParser.java:911)" JACKSON \
		"json.UTF8StreamJsonParser.nextToken(UTF8StreamJsonParser.java:797)"

static struct slice simple_name(struct slice class)
{
	struct slice side;
	sl_cut(class, '$', &class, &side);
	while (sl_chr(class, '.') >= 0)
		class = sl_from(class, (size_t)sl_chr(class, '.') + 1);
	return class;
}

/* The recorded frames of such a failure; NULL: there are none. */
static const struct con_frames *frames_of(const struct con_failure *f)
{
	struct slice name = simple_name(sl(f->class)), text = sl(f->cause);
	(void)sl_after(text, S("org.apache.kafka.connect.errors."), &text);
	for (size_t i = 0; i < con_frames_n; i++)
		if (sl_eqs(name, con_frames[i].class) && sl_starts(text, sl(con_frames[i].text)))
			return &con_frames[i];
	return NULL;
}

static void put_frames(struct buf *out, struct slice frames)
{
	for (size_t i = 0; i < frames.n; i++)
		frames.p[i] == '~' ? buf_adds(out, "\n\tat org.apache.kafka.connect.") : frames.p[i] == '^' ? buf_adds(out, "\n\tat ") : buf_addc(out, frames.p[i]);
}

/* Of what isn't recorded the frame of what was at work: "Cast.java" of "…transforms.Cast$Value". */
static void own_frame(const struct con_failure *f, struct buf *out)
{
	struct slice class = sl(f->class), file = simple_name(class), side;
	sl_cut(class, '$', &class, &side);
	buf_addf(out, "\n\tat %.*s.%s(%.*s.java%s)", SL(class), f->stage == STAGE_TRANSFORMATION ? "apply" : f->stage == STAGE_HEADER_CONVERTER ? "toConnectHeader" : "toConnectData", SL(file),
		 strstr(f->cause, "due to serialization error") ? ":346" : "");
}

/* The causes, each behind the frames that it has for itself. A text that is no JSON has the recorded ones of a wrong token, whatever else
 * was wrong. */
static void put_causes(const struct con_failure *f, const struct con_frames *known, struct buf *out)
{
	static const char mark[] = "\nCaused by: ";
	struct slice rest = sl(known ? known->causes : ""), own, common;
	const char *at = strstr(f->cause, mark);
	bool json = !known && at && strstr(at, "com.fasterxml.");
	for (int i = 0; at; i++) {
		const char *end = strstr(at + 1, mark);
		int64_t n = 0;
		buf_add(out, at, end ? (size_t)(end - at) : strlen(at));
		at = end;
		sl_cut(rest, '|', &own, &rest);
		sl_cut(rest, '|', &common, &rest);
		put_frames(out, own);
		if (json)
			buf_adds(out, i ? BAD_TOKEN READ
					: "\n\tat org.apache.kafka.connect.json.JsonDeserializer.deserialize(JsonDeserializer.java:75)"
					  "\n\tat org.apache.kafka.connect.json.JsonConverter.toConnectData(JsonConverter.java:344)\n\t... 18 more");
		else if (sl_int(common, 0, 99, &n))
			buf_addf(out, "\n\t... %d more", (int)n + INNER_FRAMES + stage_frames[f->stage].more);
	}
	if (!json)
		buf_addc(out, '\n');
}

/* What the sink reported itself. */
static char *trace_reported(const struct con_failure *f, bool task)
{
	char *cause = xasprintf("org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler\nCaused by: %s", f->cause), *trace;
	trace = task ? con_trace_put(cause) : xasprintf("%s\n\tat io.confluent.connect.s3.S3SinkTask.put(S3SinkTask.java)" RT "WorkerSinkTask.deliverMessages(WorkerSinkTask.java:606)" POLL "\n", f->cause);
	free(cause);
	return trace;
}

char *con_trace_failure(const struct con_failure *f, bool task)
{
	const struct con_frames *known = frames_of(f);
	const char *second = strstr(f->cause, "\nCaused by: ");
	struct buf b = { 0 };
	if (f->stage == STAGE_TASK_PUT)
		return trace_reported(f, task);
	if (task)
		buf_addf(&b, "org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler" RT EXECUTE "%s" RT "WorkerSinkTask.convertMessages(WorkerSinkTask.java:518)" POLL
			 "\nCaused by: ", stage_frames[f->stage].outer);
	buf_add(&b, f->cause, second ? (size_t)(second - f->cause) : strlen(f->cause));
	if (known)
		put_frames(&b, sl(known->frames));
	else
		own_frame(f, &b);
	buf_adds(&b, stage_frames[f->stage].inner);
	if (task)
		buf_addf(&b, "\n\t... %d more", stage_frames[f->stage].more);
	else
		buf_addf(&b, RT EXECUTE "%s" RT "WorkerSinkTask.convertMessages(WorkerSinkTask.java:518)" POLL, stage_frames[f->stage].outer);
	put_causes(f, known, &b);
	char *text = xstrndup(b.p, b.n);
	buf_free(&b);
	return text;
}

#define DELIVER                                                                                    \
	"org.apache.kafka.connect.errors.ConnectException: Exiting WorkerSinkTask due to unrecoverable exception." RT \
	"WorkerSinkTask.deliverMessages(WorkerSinkTask.java:636)" RT "WorkerSinkTask.poll(WorkerSinkTask.java:345)" RT \
	"WorkerSinkTask.iteration(WorkerSinkTask.java:247)" RT "WorkerSinkTask.execute(WorkerSinkTask.java:216)" THREAD

/* What S3SinkTask.put threw. */
char *con_trace_put(const char *cause)
{
	const char *frames = "";
	if (strstr(cause, "PartitionException: Error encoding partition."))
		frames = "\n\tat io.confluent.connect.storage.partitioner.FieldPartitioner.encodePartition(FieldPartitioner.java:82)"
			 "\n\tat io.confluent.connect.storage.partitioner.Partitioner.encodePartition(Partitioner.java)"
			 "\n\tat io.confluent.connect.s3.TopicPartitionWriter.executeState(TopicPartitionWriter.java)"
			 "\n\tat io.confluent.connect.s3.TopicPartitionWriter.write(TopicPartitionWriter.java)";
	return xasprintf("%s\nCaused by: %s%s\n\tat io.confluent.connect.s3.S3SinkTask.put(S3SinkTask.java)" RT
			 "WorkerSinkTask.deliverMessages(WorkerSinkTask.java:606)\n\t... 11 more\n", DELIVER, cause, frames);
}

/* con_trace_put of an error of the object store. */
char *con_trace_s3(const struct error *err)
{
	const char *code = err->def ? err->def->code : NULL;
	char *cause = code ? xasprintf("java.io.IOException: Unable to initiate MultipartUpload\nCaused by: com.amazonaws.services.s3.model.AmazonS3Exception: "
				       "%s (Service: Amazon S3; Error Code: %s)", err->text, code)
			   : xasprintf("com.amazonaws.SdkClientException: %s", err->text);
	char *trace = con_trace_put(cause);
	free(cause);
	return trace;
}

#define START "\n\tat io.confluent.connect.s3.S3SinkTask.start(S3SinkTask.java:113)" RT "WorkerSinkTask.initializeAndStart(WorkerSinkTask.java:324)" THREAD "\n"

char *con_trace_bucket(const char *bucket)
{
	return xasprintf("org.apache.kafka.connect.errors.ConnectException: Non-existent S3 bucket: %s" START, bucket);
}

char *con_trace_start(const char *cause)
{
	return xasprintf("%s" START, cause);
}

/* The task's transforms can't be made. */
char *con_trace_transforms(const char *cause)
{
	return xasprintf("%.*s" RT "ConnectorConfig.transformationStages(ConnectorConfig.java:327)" RT "Worker$TaskBuilder.build(Worker.java:1793)" RT "Worker.startTask(Worker.java:685)%s\n",
			 (int)(strstr(cause, "\nCaused by: ") ? strstr(cause, "\nCaused by: ") - cause : (ssize_t)strlen(cause)), cause,
			 strstr(cause, "\nCaused by: ") ? strstr(cause, "\nCaused by: ") : "");
}
