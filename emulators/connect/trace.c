/* The stack traces a failed task shows: what was recorded from Connect 4.0 with the sink 10.0.3; frames that the
 * recordings don't reach stand without a line number. */
#include "connect/connect.h"

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
#define TOLERANCE                                                                                  \
	"org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler" RT \
	"errors.RetryWithToleranceOperator.execAndHandleError(RetryWithToleranceOperator.java:260)" RT \
	"errors.RetryWithToleranceOperator.execute(RetryWithToleranceOperator.java:180)" RT        \
	"WorkerSinkTask.convertAndTransformRecord(WorkerSinkTask.java:541)" RT                     \
	"WorkerSinkTask.convertMessages(WorkerSinkTask.java:518)" POLL
#define CONVERT                                                                                    \
	"\n\tat org.apache.kafka.connect.storage.Converter.toConnectData(Converter.java:91)" RT    \
	"WorkerSinkTask.lambda$convertAndTransformRecord$4(WorkerSinkTask.java:541)" RT            \
	"errors.RetryWithToleranceOperator.execAndRetry(RetryWithToleranceOperator.java:208)" RT   \
	"errors.RetryWithToleranceOperator.execAndHandleError(RetryWithToleranceOperator.java:244)\n\t... 14 more"
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

/* cause: a chain of exceptions, "class: message", each behind "Caused by: ".
 * DIFFERS: the innermost frames are the recorded ones of a wrong token, whatever else was wrong. */
char *con_trace_convert(const char *cause)
{
	static const char mark[] = "\nCaused by: ";
	const char *second = strstr(cause, mark), *third = second ? strstr(second + 1, mark) : NULL;
	int first_n = second ? (int)(second - cause) : (int)strlen(cause), second_n = third ? (int)(third - second) : second ? (int)strlen(second) : 0;
	if (!strstr(cause, "com.fasterxml."))
		return xasprintf("%s\nCaused by: %.*s\n\tat org.apache.kafka.connect.json.JsonConverter.toConnectData(JsonConverter.java)%s%s\n", TOLERANCE, first_n, cause, CONVERT,
				 second ? second : "");
	return xasprintf("%s\nCaused by: %.*s\n\tat org.apache.kafka.connect.json.JsonConverter.toConnectData(JsonConverter.java:346)%s%.*s"
			 "\n\tat org.apache.kafka.connect.json.JsonDeserializer.deserialize(JsonDeserializer.java:75)"
			 "\n\tat org.apache.kafka.connect.json.JsonConverter.toConnectData(JsonConverter.java:344)\n\t... 18 more%s%s%s",
			 TOLERANCE, first_n, cause, CONVERT, second_n, second ? second : "", third ? third : "", BAD_TOKEN, READ);
}

#define DELIVER                                                                                    \
	"org.apache.kafka.connect.errors.ConnectException: Exiting WorkerSinkTask due to unrecoverable exception." RT \
	"WorkerSinkTask.deliverMessages(WorkerSinkTask.java)" RT "WorkerSinkTask.poll(WorkerSinkTask.java)" RT \
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
			 "WorkerSinkTask.deliverMessages(WorkerSinkTask.java)\n\t... 11 more\n", DELIVER, cause, frames);
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
