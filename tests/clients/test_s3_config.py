#!/usr/bin/python3
"""Configurations of buckets through Debian's boto3: kept and given back, what is wrong with a document; CORS as browsers ask."""
import http.client

from tarn import Stack, call, done, need, ok, parts, same

boto3, botocore = need("boto3", "botocore")
from botocore.exceptions import ClientError


def refused(f, **args):
    try:
        return f(Bucket="bkt", **args)
    except ClientError as e:
        return e.response["Error"]["Code"], e.response["Error"]["Message"]


def kept(stack, s3):
    same(refused(s3.get_bucket_cors), ("NoSuchCORSConfiguration", "The CORS configuration does not exist"), "no CORS at first")
    rules = [{"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["http://*.example.org"], "AllowedHeaders": ["*"], "MaxAgeSeconds": 30}]
    s3.put_bucket_cors(Bucket="bkt", CORSConfiguration={"CORSRules": rules})
    same(s3.get_bucket_cors(Bucket="bkt")["CORSRules"], rules, "PutBucketCors")
    same(refused(s3.put_bucket_cors, CORSConfiguration={"CORSRules": [{"AllowedMethods": ["MINE"], "AllowedOrigins": ["*"]}]}),
         ("InvalidRequest", "Found unsupported HTTP method in CORS config. Unsupported method is MINE"), "a method of its own")
    same(refused(s3.put_bucket_cors, CORSConfiguration={"CORSRules": []})[0], "MalformedXML", "no rules")
    s3.delete_bucket_cors(Bucket="bkt")
    same(refused(s3.get_bucket_cors)[0], "NoSuchCORSConfiguration", "DeleteBucketCors")
    same((s3.get_bucket_accelerate_configuration(Bucket="bkt").get("Status"), s3.get_bucket_request_payment(Bucket="bkt")["Payer"]), (None, "BucketOwner"),
         "what a fresh bucket has")
    s3.put_bucket_accelerate_configuration(Bucket="bkt", AccelerateConfiguration={"Status": "Suspended"})
    s3.put_bucket_request_payment(Bucket="bkt", RequestPaymentConfiguration={"Payer": "Requester"})
    same((s3.get_bucket_accelerate_configuration(Bucket="bkt").get("Status"), s3.get_bucket_request_payment(Bucket="bkt")["Payer"]),
         ("Suspended", "Requester"), "acceleration and payment")
    s3.put_bucket_request_payment(Bucket="bkt", RequestPaymentConfiguration={"Payer": "BucketOwner"})
    same(refused(s3.put_bucket_accelerate_configuration, AccelerateConfiguration={"Status": "enabled"})[0], "MalformedXML", "a word in lower case")


def by_id(stack, s3):
    def metrics(id, prefix):
        return {"Bucket": "bkt", "Id": id, "MetricsConfiguration": {"Id": id, "Filter": {"Prefix": prefix}}}
    for i in range(101):
        s3.put_bucket_metrics_configuration(**metrics(f"m{i:03}", "x"))
    s3.put_bucket_metrics_configuration(**metrics("m001", "y"))
    one = s3.list_bucket_metrics_configurations(Bucket="bkt")
    two = s3.list_bucket_metrics_configurations(Bucket="bkt", ContinuationToken=one["NextContinuationToken"])
    same((len(one["MetricsConfigurationList"]), one["IsTruncated"], [m["Id"] for m in two["MetricsConfigurationList"]], two["IsTruncated"]),
         (100, True, ["m100"], False), "a hundred a page")
    same(s3.get_bucket_metrics_configuration(Bucket="bkt", Id="m001")["MetricsConfiguration"]["Filter"], {"Prefix": "y"}, "the latest counts")
    s3.delete_bucket_metrics_configuration(Bucket="bkt", Id="m001")
    gone = ("NoSuchConfiguration", "The specified configuration does not exist.")
    same([refused(s3.get_bucket_metrics_configuration, Id="m001"), refused(s3.delete_bucket_metrics_configuration, Id="m001")], [gone] * 2, "gone")
    report = {"Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::bkt", "Format": "CSV"}}, "Id": "i", "IncludedObjectVersions": "All", "IsEnabled": True,
              "OptionalFields": ["Size", "ETag"], "Schedule": {"Frequency": "Daily"}}
    s3.put_bucket_inventory_configuration(Bucket="bkt", Id="i", InventoryConfiguration=report)
    same(s3.get_bucket_inventory_configuration(Bucket="bkt", Id="i")["InventoryConfiguration"], report, "an inventory")
    same(refused(s3.put_bucket_inventory_configuration, Id="j", InventoryConfiguration=report)[0], "IdMismatch", "another id than the document's")
    same(refused(s3.put_bucket_inventory_configuration, Id="i", InventoryConfiguration={**report, "Schedule": {"Frequency": "Hourly"}})[0], "MalformedXML",
         "every hour")
    tier = {"Id": "t", "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}
    s3.put_bucket_intelligent_tiering_configuration(Bucket="bkt", Id="t", IntelligentTieringConfiguration=tier)
    same(s3.list_bucket_intelligent_tiering_configurations(Bucket="bkt")["IntelligentTieringConfigurationList"], [tier], "tiering")
    analysis = {"Id": "a", "Filter": {"Prefix": "p"}, "StorageClassAnalysis": {"DataExport": {"OutputSchemaVersion": "V_1", "Destination": {
        "S3BucketDestination": {"Format": "CSV", "Bucket": "arn:aws:s3:::bkt"}}}}}
    s3.put_bucket_analytics_configuration(Bucket="bkt", Id="a", AnalyticsConfiguration=analysis)
    same(s3.get_bucket_analytics_configuration(Bucket="bkt", Id="a")["AnalyticsConfiguration"], analysis, "analytics")


def logging(stack, s3):
    same("LoggingEnabled" in s3.get_bucket_logging(Bucket="bkt"), False, "no logging at first")
    same(refused(s3.put_bucket_logging, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "none", "TargetPrefix": "l"}}),
         ("InvalidTargetBucketForLogging", "The target bucket for logging does not exist"), "into no bucket")
    s3.put_bucket_logging(Bucket="bkt", BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "bkt", "TargetPrefix": "l"}})
    same(s3.get_bucket_logging(Bucket="bkt")["LoggingEnabled"], {"TargetBucket": "bkt", "TargetPrefix": "l"}, "PutBucketLogging")
    s3.put_bucket_logging(Bucket="bkt", BucketLoggingStatus={})
    same("LoggingEnabled" in s3.get_bucket_logging(Bucket="bkt"), False, "and no longer")
    same(refused(s3.put_bucket_replication, ReplicationConfiguration={"Role": "r", "Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::o"}}]}),
         ("InvalidRequest", "Versioning must be 'Enabled' on the bucket to apply a replication configuration"), "replication needs versions")


def lifecycle(stack, s3):
    def rule(**more):
        return {"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "old/"}, **more}]}
    wrong = [rule(), rule(Expiration={"Days": 0}), rule(Expiration={"Days": 1, "ExpiredObjectDeleteMarker": True}), rule(NoncurrentVersionExpiration={}),
             rule(Expiration={"Date": "2030-01-01T02:00:00Z"}), {"Rules": [{"Status": "Enabled", "Expiration": {"Days": 7}}]}]
    same([refused(s3.put_bucket_lifecycle_configuration, LifecycleConfiguration=w)[0] for w in wrong],
         ["InvalidRequest", "InvalidArgument", "MalformedXML", "MalformedXML", "InvalidArgument", "MalformedXML"], "documents that are refused")
    rules = rule(Expiration={"Days": 1}, NoncurrentVersionExpiration={"NoncurrentDays": 3}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 2})
    rules["Rules"].append({"ID": "t", "Status": "Enabled", "Filter": {"Tag": {"Key": "a", "Value": "1"}}, "Transitions": [{"Days": 0, "StorageClass": "GLACIER"}]})
    answer = s3.put_bucket_lifecycle_configuration(Bucket="bkt", LifecycleConfiguration=rules)
    same((answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-transition-default-minimum-object-size"],
          s3.get_bucket_lifecycle_configuration(Bucket="bkt")["Rules"]), ("all_storage_classes_128K", rules["Rules"]), "kept")
    same([s3.put_object(Bucket="bkt", Key=k, Body=b"x").get("Expiration") for k in ("old/a", "new/a")],
         ['expiry-date="Wed, 07 Jan 2026 00:00:00 GMT", rule-id="r"', None], "a put says when it will go")
    s3.put_object(Bucket="bkt", Key="big", Body=b"x" * (128 << 10), Tagging="a=1")
    s3.put_object(Bucket="bkt", Key="small", Body=b"x", Tagging="a=1")
    s3.create_multipart_upload(Bucket="bkt", Key="old/u")
    stack.run("clock", "advance", "1d")
    same(s3.head_object(Bucket="bkt", Key="old/a")["ContentLength"], 1, "not before its midnight")
    stack.run("clock", "advance", "1d")
    same([o["Key"] for o in s3.list_objects_v2(Bucket="bkt")["Contents"]], ["big", "new/a", "small"], "then it is gone")
    same([s3.head_object(Bucket="bkt", Key=k).get("StorageClass") for k in ("big", "small")], ["GLACIER", None], "transitions; small ones stay")
    stack.run("clock", "advance", "1d")
    same(s3.list_multipart_uploads(Bucket="bkt").get("Uploads", []), [], "an upload that nobody ended")
    s3.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="bkt", Key="old/v", Body=body)
    stack.run("clock", "advance", "3d")
    answer = s3.list_object_versions(Bucket="bkt", Prefix="old/")
    same((len(answer.get("Versions", [])), len(answer.get("DeleteMarkers", []))), (2, 1), "of versions a delete marker hides them")
    stack.run("clock", "advance", "5d")
    answer = s3.list_object_versions(Bucket="bkt", Prefix="old/")
    same((len(answer.get("Versions", [])), len(answer.get("DeleteMarkers", []))), (0, 0), "and in the end all go, the marker last")
    s3.delete_bucket_lifecycle(Bucket="bkt")
    same(refused(s3.get_bucket_lifecycle_configuration)[0], "NoSuchLifecycleConfiguration", "no rules again")


def ask(stack, method, path, **headers):
    conn = http.client.HTTPConnection(stack.at["aws"].split("//")[1])
    conn.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer = conn.getresponse()
    body = answer.read().decode()
    allowed = {k.lower().replace("access-control-", ""): v for k, v in answer.getheaders() if k.lower().startswith("access-control")}
    return answer.status, allowed or body.partition("<Message>")[2].partition("<")[0]


def cors(stack, s3):
    asks = {"Origin": "http://a.example.org", "Access_Control_Request_Method": "PUT"}
    same(ask(stack, "OPTIONS", "/bkt/k", **asks), (403, "CORSResponse: CORS is not enabled for this bucket."), "a preflight without rules")
    same(ask(stack, "OPTIONS", "/none/k", **asks), (403, "CORSResponse: Bucket not found"), "of no bucket")
    s3.put_bucket_cors(Bucket="bkt", CORSConfiguration={"CORSRules": [
        {"AllowedMethods": ["PUT", "POST"], "AllowedOrigins": ["http://*.example.org"], "AllowedHeaders": ["x-amz-*"], "MaxAgeSeconds": 30},
        {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "ExposeHeaders": ["ETag", "x-amz-id-2"]}]})
    same(ask(stack, "OPTIONS", "/bkt/k"), (400, "Insufficient information. Origin request header needed."), "no origin")
    same(ask(stack, "OPTIONS", "/bkt/k?uploads", **asks, Access_Control_Request_Headers="X-Amz-Date, x-amz-acl"),
         (200, {"allow-origin": "http://a.example.org", "allow-methods": "PUT, POST", "allow-headers": "x-amz-date, x-amz-acl", "max-age": "30",
                "allow-credentials": "true"}), "a preflight")
    same(ask(stack, "OPTIONS", "/bkt/k", **asks, Access_Control_Request_Headers="authorization")[0], 403, "of a header of no rule")
    same(ask(stack, "OPTIONS", "/bkt/k", **{**asks, "Origin": "http://example.com"})[0], 403, "from elsewhere")
    anyone = {"allow-origin": "*", "allow-methods": "GET", "expose-headers": "ETag, x-amz-id-2"}
    same(ask(stack, "GET", "/bkt/none", Origin="http://elsewhere"), (404, anyone), "an answer says it, errors too")
    same(ask(stack, "GET", "/bkt/none")[1], "The specified key does not exist.", "not to who names no origin")
    same(ask(stack, "GET", "/bkt/none", Origin="x", Access_Control_Request_Method="DELETE")[1], "The specified key does not exist.", "nor where no rule fits")


def control(stack, s3):
    def ask(method, query="", body=None):
        return call(method, f"{stack.at['aws']}/v20180820/tags/arn%3Aaws%3As3%3A%3A%3Abkt{query}", body, {"x-amz-account-id": "000000000000"})

    def has():
        return {t["Key"]: t["Value"] for t in s3.get_bucket_tagging(Bucket="bkt")["TagSet"]}
    body = "<TagResourceRequest><Tags><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value>2</Value></Tag></Tags></TagResourceRequest>"
    same((ask("POST", body=body).status, has()), (204, {"a": "1", "b": "2"}), "s3control: TagResource")
    same((ask("POST", body=body.replace("<Key>b", "<Key>c").replace(">1<", ">3<")).status, has()), (204, {"a": "3", "b": "2", "c": "2"}), "more of them")
    same((ask("DELETE", "?tagKeys=a&tagKeys=c").status, has()), (204, {"b": "2"}), "UntagResource")
    same("<Tags><Tag><Key>b</Key><Value>2</Value></Tag></Tags>" in ask("GET").text, True, "ListTagsForResource")


def website(stack, s3):
    def get(path, method="GET", host="bkt.s3-website.localhost"):
        conn = http.client.HTTPConnection(stack.at["aws"].split("//")[1])
        conn.request(method, path, headers={"Host": host})
        answer = conn.getresponse()
        body = answer.read().decode()
        return answer.status, answer.headers["Location"] or (body.partition("Code: ")[2].partition("<")[0] if body.startswith("<html>\n<head>") else body)
    host = "http://bkt.s3-website.localhost"
    same(get("/"), (404, "NoSuchWebsiteConfiguration"), "no website at first")
    same(refused(s3.put_bucket_website, WebsiteConfiguration={"IndexDocument": {"Suffix": "/i"}}),
         ("InvalidArgument", "The IndexDocument Suffix is not well formed"), "a suffix with a slash")
    same(refused(s3.put_bucket_website, WebsiteConfiguration={"RedirectAllRequestsTo": {"HostName": "h", "Protocol": "ftp"}})[0], "InvalidRequest", "a protocol")
    site = {"IndexDocument": {"Suffix": "i.html"}, "ErrorDocument": {"Key": "e.html"}, "RoutingRules": [
        {"Condition": {"KeyPrefixEquals": "was/"}, "Redirect": {"ReplaceKeyPrefixWith": "is/", "HttpRedirectCode": "307"}}]}
    s3.put_bucket_website(Bucket="bkt", WebsiteConfiguration=site)
    same({k: v for k, v in s3.get_bucket_website(Bucket="bkt").items() if k in site}, site, "PutBucketWebsite")
    same(get("/"), (404, "NoSuchKey"), "nothing there, not even the error document")
    for key in ("i.html", "e.html", "dir/i.html"):
        s3.put_object(Bucket="bkt", Key=key, Body=key.encode())
    s3.put_object(Bucket="bkt", Key="moved", Body=b"", WebsiteRedirectLocation="/new")
    same([get(p) for p in ("/", "/dir/", "/dir", "/none", "/was/x%20y", "/moved")],
         [(200, "i.html"), (200, "dir/i.html"), (302, "/dir/"), (404, "e.html"), (307, host + "/is/x%20y"), (301, host + "/new")], "served")
    same([get("/", "DELETE"), get("/", host="none.s3-website.us-east-1.amazonaws.com")], [(405, "MethodNotAllowed"), (404, "NoSuchBucket")], "what isn't")
    s3.put_bucket_website(Bucket="bkt", WebsiteConfiguration={"RedirectAllRequestsTo": {"HostName": "example.org", "Protocol": "https"}})
    same(get("/a/b"), (301, "https://example.org/a/b"), "all elsewhere")
    s3.delete_bucket_website(Bucket="bkt")
    same(refused(s3.get_bucket_website)[0], "NoSuchWebsiteConfiguration", "DeleteBucketWebsite")


with Stack(only="s3", clock="2026-01-05T09:00:00Z") as stack:
    client = stack.client("s3")
    client.create_bucket(Bucket="bkt")
    parts(kept, by_id, logging, cors, lifecycle, website, control, args=(stack, client))
done()
