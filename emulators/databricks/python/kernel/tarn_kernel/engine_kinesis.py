"""readStream.format("kinesis") on the real Spark, which has no such source: the stack's records are put into a folder as they come, and
Spark streams that folder. Columns and options are Databricks'; initialPosition is earliest, trim_horizon or latest."""
import datetime
import hashlib
import hmac
import http.client
import json
import os
import tempfile
import threading
import urllib.parse

from tarn_kernel import engine_spark

_SCHEMA = ("partitionKey string, data string, stream string, shardId string, sequenceNumber string, approximateArrivalTimestamp timestamp")
_POSITIONS = {"earliest": "TRIM_HORIZON", "trim_horizon": "TRIM_HORIZON", "latest": "LATEST"}
PAUSE_SECONDS = 0.2


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class _Api:
    """Kinesis' JSON API, signed by version 4."""

    def __init__(self, url, region):
        self.at, self.region = urllib.parse.urlsplit(url), region

    def _signed(self, body, target):
        key, secret = engine_spark.keys()
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        scope = "%s/%s/kinesis/aws4_request" % (now[:8], self.region)
        signed = {"content-type": "application/x-amz-json-1.1", "host": self.at.netloc, "x-amz-date": now, "x-amz-target": target}
        names = ";".join(signed)
        canonical = "POST\n/\n\n%s\n%s\n%s" % ("".join("%s:%s\n" % i for i in signed.items()), names, hashlib.sha256(body).hexdigest())
        text = "AWS4-HMAC-SHA256\n%s\n%s\n%s" % (now, scope, hashlib.sha256(canonical.encode()).hexdigest())
        k = _hmac(("AWS4" + secret).encode(), now[:8])
        for part in (self.region, "kinesis", "aws4_request"):
            k = _hmac(k, part)
        signed["Authorization"] = "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (key, scope, names, _hmac(k, text).hex())
        return signed

    def call(self, action, **what):
        """The answer; raises RuntimeError with Kinesis' words."""
        body = json.dumps(what).encode()
        c = http.client.HTTPConnection(self.at.hostname, self.at.port or 80, timeout=60)
        try:
            c.request("POST", "/", body, self._signed(body, "Kinesis_20131202." + action))
            r = c.getresponse()
            answer = json.loads(r.read() or b"{}")
        finally:
            c.close()
        if r.status != 200:
            raise RuntimeError("%s: %s" % (answer.get("__type", r.status), answer.get("message") or answer.get("Message")))
        return answer


class _Feeder(threading.Thread):
    """Puts a stream's records into files of a folder, one a page of a shard, until the process ends."""

    def __init__(self, api, stream, position, folder):
        super().__init__(daemon=True)
        self.api, self.stream, self.folder, self.written, self.iterators = api, stream, folder, 0, {}
        for shard in api.call("ListShards", StreamName=stream)["Shards"]:
            self._begin(shard["ShardId"], position)
        self._pull()

    def _begin(self, shard, position):
        self.iterators[shard] = self.api.call("GetShardIterator", StreamName=self.stream, ShardId=shard, ShardIteratorType=position)["ShardIterator"]

    def _pull(self):
        """Everything that is there now."""
        for shard in sorted(self.iterators):
            behind = 1
            while behind and self.iterators[shard]:
                answer = self.api.call("GetRecords", ShardIterator=self.iterators[shard], Limit=1000)
                self.iterators[shard], behind = answer.get("NextShardIterator"), answer.get("MillisBehindLatest")
                if answer["Records"]:
                    self._write(shard, answer["Records"])

    def _write(self, shard, records):
        self.written += 1
        name = os.path.join(self.folder, "%s-%s.json" % (shard, records[0]["SequenceNumber"]))
        with open(os.path.join(self.folder, ".part"), "w", encoding="utf-8") as f:
            for r in records:
                at = datetime.datetime.fromtimestamp(r["ApproximateArrivalTimestamp"], datetime.timezone.utc)
                f.write(json.dumps({"partitionKey": r["PartitionKey"], "data": r["Data"], "stream": self.stream, "shardId": shard,
                                    "sequenceNumber": r["SequenceNumber"], "approximateArrivalTimestamp": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}) + "\n")
        os.replace(os.path.join(self.folder, ".part"), name)

    def run(self):
        pause = threading.Event()
        while not pause.wait(PAUSE_SECONDS):
            try:
                known = set(self.iterators)
                for shard in self.api.call("ListShards", StreamName=self.stream)["Shards"]:
                    if shard["ShardId"] not in known:
                        self._begin(shard["ShardId"], "TRIM_HORIZON")
                self._pull()
            except (OSError, RuntimeError, ValueError):
                pass  # the stack is being reset, or ends; the next turn tells


def _folder(api, stream, position):
    """A stream that is read from its beginning has one folder, so that a checkpoint knows its files again."""
    made = api.call("DescribeStreamSummary", StreamName=stream)["StreamDescriptionSummary"]["StreamCreationTimestamp"]
    if position == "LATEST":
        return tempfile.mkdtemp(prefix="tarn-kinesis-")
    out = os.path.join(tempfile.gettempdir(), "tarn-kinesis-%d-%s" % (os.getuid(), hashlib.sha256(api.at.netloc.encode()).hexdigest()[:16]),
                       "%s-%d" % (stream, int(made * 1000)))
    os.makedirs(out, mode=0o700, exist_ok=True)
    return out


def _load(engine, options):
    lower = {k.lower(): v for k, v in options.items()}
    stream = lower.get("streamname")
    position = _POSITIONS.get(str(lower.get("initialposition", "trim_horizon")).lower())
    if not stream or not position:
        raise ValueError("kinesis: streamName is missing" if not stream else "kinesis: initialPosition is earliest, trim_horizon or latest")
    api = _Api(engine_spark.s3_address(engine.client), lower.get("region") or "us-east-1")
    folder = _folder(api, stream, position)
    _Feeder(api, stream, position, folder).start()
    from pyspark.sql import functions as F
    frame = engine.session.readStream.format("json").schema(_SCHEMA).load("file://" + folder)
    return frame.withColumn("data", F.unbase64("data"))


def serve(engine):
    """Makes readStream of this process know the format."""
    from pyspark.sql.streaming.readwriter import DataStreamReader as Reader, DataStreamWriter as Writer
    format_, option, load = Reader.format, Reader.option, Reader.load

    def new_format(self, source):
        self.__dict__["_tarn_kinesis"] = str(source).lower() == "kinesis"
        return self if self.__dict__["_tarn_kinesis"] else format_(self, source)

    def new_option(self, key, value):
        self.__dict__.setdefault("_tarn_options", {})[key] = value
        return option(self, key, value)

    def new_options(self, **options):
        for key, value in options.items():
            new_option(self, key, value)
        return self

    def new_load(self, path=None, format=None, schema=None, **options):
        kind = format.lower() == "kinesis" if format else self.__dict__.get("_tarn_kinesis")
        if not kind:
            return load(self, path, format, schema, **options)
        return _load(engine, {**self.__dict__.get("_tarn_options", {}), **options})

    if not hasattr(Writer, "table"):
        Writer.table = Writer.toTable  # its name on Databricks
    Reader.format, Reader.option, Reader.options, Reader.load = new_format, new_option, new_options, new_load
