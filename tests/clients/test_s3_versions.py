#!/usr/bin/python3
"""Versions of S3 objects: what is current and what isn't, delete markers, suspended versioning, the pages of their listing, and every
operation that takes a version id. Locks: retention, legal hold, a bucket's default."""
import datetime

from tarn import Stack, done, need, parts, same, tarn

boto3 = need("boto3")
from botocore.exceptions import ClientError  # noqa: E402

NO_MARKER = ("NoSuchKey", 404, "true")


def code(call, **args):
    """How a call is refused: code, status, and whether it was a delete marker."""
    try:
        call(**args)
    except ClientError as e:
        meta = e.response["ResponseMetadata"]
        return e.response["Error"]["Code"], meta["HTTPStatusCode"], meta["HTTPHeaders"].get("x-amz-delete-marker")
    return None


def bucket(s3, name, status="Enabled"):
    s3.create_bucket(Bucket=name)
    if status:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": status})
    return name


def put(s3, b, key, body):
    return s3.put_object(Bucket=b, Key=key, Body=body).get("VersionId")


def body(s3, b, key, version=None):
    return s3.get_object(Bucket=b, Key=key, **({"VersionId": version} if version else {}))["Body"].read()


def listed(s3, b, **args):
    got = s3.list_object_versions(Bucket=b, **args)
    rows = [(v["Key"], v["VersionId"], v["IsLatest"], "Size" in v) for v in got.get("Versions", []) + got.get("DeleteMarkers", [])]
    return rows, got


def comes_and_goes(s3):
    b = bucket(s3, "one-two")
    one, two = put(s3, b, "k", b"1"), put(s3, b, "k", b"2")
    same((len(one), len(two), one == two), (32, 32, False), "each put has a version id")
    same((body(s3, b, "k"), body(s3, b, "k", one), body(s3, b, "k", two)), (b"2", b"1", b"2"), "each version has its bytes")
    gone = s3.delete_object(Bucket=b, Key="k")
    marker = gone["VersionId"]
    same(gone["DeleteMarker"], True, "a delete leaves a marker")
    same(code(s3.get_object, Bucket=b, Key="k"), NO_MARKER, "what is current is a marker: 404")
    same(code(s3.get_object, Bucket=b, Key="k", VersionId=marker), ("MethodNotAllowed", 405, "true"), "a marker by its id: 405")
    same(code(s3.head_object, Bucket=b, Key="k", VersionId=marker), ("405", 405, "true"), "HEAD, too")
    same(s3.list_objects_v2(Bucket=b)["KeyCount"], 0, "a listing has what is current")
    same(listed(s3, b)[0], [("k", two, False, True), ("k", one, False, True), ("k", marker, True, False)], "a listing of versions has all")
    same(code(s3.delete_bucket, Bucket=b)[0], "BucketNotEmpty", "a bucket with versions isn't empty")
    same(s3.delete_object(Bucket=b, Key="k", VersionId=marker).get("DeleteMarker"), True, "a marker goes by its id")
    same(body(s3, b, "k"), b"2", "and what was before it is current again")
    s3.delete_object(Bucket=b, Key="k", VersionId=two)
    same((body(s3, b, "k"), s3.head_object(Bucket=b, Key="k")["VersionId"] == one), (b"1", True), "the newest that is left is current")
    same(code(s3.get_object, Bucket=b, Key="k", VersionId=two)[:2], ("NoSuchVersion", 404), "a version that went: 404")
    same(code(s3.get_object, Bucket=b, Key="k", VersionId="x" * 32)[:2], ("InvalidArgument", 400), "an id that never was: 400")
    done = s3.delete_objects(Bucket=b, Delete={"Objects": [{"Key": "k", "VersionId": one}, {"Key": "k", "VersionId": "nonsense"}, {"Key": "never"}]})
    same([(d["Key"], d.get("VersionId") == one, d.get("DeleteMarker")) for d in done["Deleted"]], [("k", True, None), ("never", False, True)],
         "several deletes: a version for good, a marker where nothing was")
    same([e["Code"] for e in done["Errors"]], ["NoSuchVersion"], "and an id that isn't one")
    s3.delete_object(Bucket=b, Key="never", VersionId=done["Deleted"][1]["DeleteMarkerVersionId"])
    s3.delete_bucket(Bucket=b)


def suspended(s3):
    b = bucket(s3, "sus-pended", None)
    same("VersionId" in s3.put_object(Bucket=b, Key="k", Body=b"0"), False, "no versions: no ids")
    same("VersionId" in s3.head_object(Bucket=b, Key="k"), False, "none when it is read")
    s3.put_bucket_versioning(Bucket=b, VersioningConfiguration={"Status": "Enabled"})
    same(s3.head_object(Bucket=b, Key="k")["VersionId"], "null", "what was there before is the null version")
    one = put(s3, b, "k", b"1")
    s3.put_bucket_versioning(Bucket=b, VersioningConfiguration={"Status": "Suspended"})
    same(put(s3, b, "k", b"2"), None, "suspended: a put has no id of its own")
    same([r[1:3] for r in listed(s3, b)[0]], [("null", True), (one, False)], "the null version was replaced, the other stays")
    same(body(s3, b, "k", "null"), b"2", "null is what was put last")
    gone = s3.delete_object(Bucket=b, Key="k")
    same((gone["DeleteMarker"], gone["VersionId"]), (True, "null"), "suspended: a delete leaves a null marker")
    same([r[1:] for r in listed(s3, b)[0]], [(one, False, True), ("null", True, False)], "in place of the null version")
    put(s3, b, "k", b"3")
    same([r[1:] for r in listed(s3, b)[0]], [("null", True, True), (one, False, True)], "which a put replaces")
    s3.put_bucket_versioning(Bucket=b, VersioningConfiguration={"Status": "Enabled"})
    two = put(s3, b, "k", b"4")
    same([r[1] for r in listed(s3, b)[0]], [two, "null", one], "enabled again: the null version keeps its place")
    s3.delete_object(Bucket=b, Key="k", VersionId=two)
    same((body(s3, b, "k"), s3.head_object(Bucket=b, Key="k")["VersionId"]), (b"3", "null"), "and is current when what is above it goes")


def pages(s3):
    b = bucket(s3, "pa-ges")
    for key in ("a", "b", "b", "b", "d/1", "d/2", "e"):
        put(s3, b, key, key.encode())
    s3.delete_object(Bucket=b, Key="a")
    s3.delete_object(Bucket=b, Key="d/1")
    every = [(p["Key"], p["VersionId"]) for p in merged(s3, b, 1000)]
    same([k for k, _ in every], ["a", "a", "b", "b", "b", "d/1", "d/1", "d/2", "e"], "keys in order")
    for n in (1, 2, 3, 5):
        same([(p["Key"], p["VersionId"]) for p in merged(s3, b, n)], every, f"pages of {n} have each once")
    got = s3.list_object_versions(Bucket=b, Delimiter="/", MaxKeys=6)
    same(([p["Prefix"] for p in got["CommonPrefixes"]], got["NextKeyMarker"], got.get("NextVersionIdMarker")), (["d/"], "d/", None),
         "a page that ends with a prefix has no version to go on from")
    same([r[0] for r in listed(s3, b, Delimiter="/", KeyMarker="d/")[0]], ["e"], "and goes on after it")
    same([r[0] for r in listed(s3, b, KeyMarker="b")[0]], ["d/1", "d/2", "e", "d/1"], "a key alone: after all of its versions")
    same(code(s3.list_object_versions, Bucket=b, VersionIdMarker=every[0][1])[0], "InvalidArgument", "a version without a key is no marker")


def merged(s3, b, n):
    """All versions and markers in the order of the answers' pages."""
    out, at = [], {}
    while True:
        got = s3.list_object_versions(Bucket=b, MaxKeys=n, **at)
        rows = got.get("Versions", []) + got.get("DeleteMarkers", [])
        out += sorted(rows, key=lambda v: (v["Key"], not v["IsLatest"]))  # a page's versions come before its markers
        if not got["IsTruncated"]:
            return sorted(out, key=lambda v: v["Key"])
        at = {"KeyMarker": got["NextKeyMarker"], "VersionIdMarker": got["NextVersionIdMarker"]}


def by_id(s3):
    b = bucket(s3, "by-id")
    one, two = put(s3, b, "k", b"one"), put(s3, b, "k", b"two")
    tags = {"TagSet": [{"Key": "a", "Value": "1"}]}
    same(s3.put_object_tagging(Bucket=b, Key="k", VersionId=one, Tagging=tags)["VersionId"], one, "tags of a version")
    same(s3.get_object_tagging(Bucket=b, Key="k", VersionId=one)["TagSet"], tags["TagSet"], "are its own")
    same(s3.get_object_tagging(Bucket=b, Key="k")["TagSet"], [], "and not the current one's")
    copied = s3.copy_object(Bucket=b, Key="copy", CopySource={"Bucket": b, "Key": "k", "VersionId": one})
    same((copied["CopySourceVersionId"], body(s3, b, "copy"), len(copied["VersionId"])), (one, b"one", 32), "a copy of a version")
    s3.copy_object(Bucket=b, Key="k", CopySource={"Bucket": b, "Key": "k", "VersionId": one})
    same(body(s3, b, "k"), b"one", "an old version is current again by a copy onto its key")
    got = s3.get_object_attributes(Bucket=b, Key="k", VersionId=two, ObjectAttributes=["ObjectSize"])
    same((got["VersionId"], got["ObjectSize"]), (two, 3), "attributes of a version")
    up = s3.create_multipart_upload(Bucket=b, Key="k")["UploadId"]
    part = s3.upload_part_copy(Bucket=b, Key="k", UploadId=up, PartNumber=1, CopySource={"Bucket": b, "Key": "k", "VersionId": two})
    same(part["CopySourceVersionId"], two, "a part copied from a version")
    whole = s3.complete_multipart_upload(Bucket=b, Key="k", UploadId=up, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]})
    same((body(s3, b, "k"), s3.head_object(Bucket=b, Key="k")["VersionId"]), (b"two", whole["VersionId"]), "an upload's object is a version")
    marker = s3.delete_object(Bucket=b, Key="k")["VersionId"]
    source = {"Bucket": b, "Key": "k", "VersionId": marker}
    same(code(s3.copy_object, Bucket=b, Key="x", CopySource=source)[0], "InvalidRequest", "a marker can't be copied")
    for call, args in ((s3.get_object_tagging, {}), (s3.put_object_tagging, {"Tagging": tags}), (s3.delete_object_tagging, {})):
        same(code(call, Bucket=b, Key="k", **args)[:2], ("MethodNotAllowed", 405), "a marker has no tags")


def states(s3):
    b = bucket(s3, "sta-tes", None)
    same("Status" in s3.get_bucket_versioning(Bucket=b), False, "a fresh bucket has no state")
    for status in ("Suspended", "Enabled"):
        s3.put_bucket_versioning(Bucket=b, VersioningConfiguration={"Status": status})
        same(s3.get_bucket_versioning(Bucket=b)["Status"], status, f"it is {status}")
    same(code(s3.put_bucket_versioning, Bucket=b, VersioningConfiguration={"Status": "enabled"})[0], "MalformedXML", "by its exact word")
    same(code(s3.put_bucket_versioning, Bucket=b, VersioningConfiguration={})[0], "IllegalVersioningConfigurationException", "not without a state")
    version = put(s3, b, "k", b"x")
    s3.put_bucket_versioning(Bucket=b, MFA="serial 123456", VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"})
    same(s3.get_bucket_versioning(Bucket=b)["MFADelete"], "Enabled", "MFA delete is kept")
    same(code(s3.delete_object, Bucket=b, Key="k", VersionId=version)[0], "AccessDenied", "and a version doesn't go without a code")
    s3.delete_object(Bucket=b, Key="k", VersionId=version, MFA="serial 123456")
    same(listed(s3, b)[0], [], "but with one")


def locked(s3, name):
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    return name


def governance(until):
    return {"Mode": "GOVERNANCE", "RetainUntilDate": until}


def retention(s3):
    b = locked(s3, "re-tained")
    same(s3.get_bucket_versioning(Bucket=b)["Status"], "Enabled", "locks come with versions")
    same(s3.get_object_lock_configuration(Bucket=b)["ObjectLockConfiguration"], {"ObjectLockEnabled": "Enabled"}, "no default")
    same(code(s3.put_bucket_versioning, Bucket=b, VersioningConfiguration={"Status": "Suspended"})[0], "InvalidBucketState", "which stay")
    one = put(s3, b, "k", b"1")
    same(code(s3.get_object_retention, Bucket=b, Key="k")[0], "NoSuchObjectLockConfiguration", "never retained")
    s3.put_object_retention(Bucket=b, Key="k", Retention=governance(at(2)))
    same(s3.get_object_retention(Bucket=b, Key="k")["Retention"], governance(at(2)), "retained until a date")
    head = s3.head_object(Bucket=b, Key="k", VersionId=one)
    same((head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]), ("GOVERNANCE", at(2)), "reads tell it")
    same(code(s3.put_object_retention, Bucket=b, Key="k", Retention=governance(at(1)))[0], "AccessDenied", "it doesn't get shorter")
    same(code(s3.put_object_retention, Bucket=b, Key="k", Retention=governance(at(-1)))[0], "InvalidArgument", "nor ends in the past")
    same(code(s3.delete_object, Bucket=b, Key="k", VersionId=one)[0], "AccessDenied", "the version doesn't go")
    failed = s3.delete_objects(Bucket=b, Delete={"Objects": [{"Key": "k", "VersionId": one}]})["Errors"]
    same([e["Code"] for e in failed], ["AccessDenied"], "nor among several")
    same(s3.delete_object(Bucket=b, Key="k")["DeleteMarker"], True, "a marker may come on top")
    same(put(s3, b, "k", b"2") is None, False, "and other versions")
    s3.copy_object(Bucket=b, Key="copy", CopySource={"Bucket": b, "Key": "k", "VersionId": one})
    same("ObjectLockMode" in s3.head_object(Bucket=b, Key="copy"), False, "a copy isn't locked")
    s3.delete_object(Bucket=b, Key="k", VersionId=one, BypassGovernanceRetention=True)
    same(code(s3.get_object, Bucket=b, Key="k", VersionId=one)[0], "NoSuchVersion", "governance is passed over by who says so")
    two = s3.put_object(Bucket=b, Key="k", Body=b"3", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=at(3))["VersionId"]
    same(code(s3.delete_object, Bucket=b, Key="k", VersionId=two, BypassGovernanceRetention=True)[0], "AccessDenied", "compliance never")
    same(code(s3.put_object_retention, Bucket=b, Key="k", Retention=governance(at(4)), BypassGovernanceRetention=True)[0], "AccessDenied",
         "nor does it become governance")
    return b, two


def expires(s, b, version):
    tarn("clock", "advance", "4d", "--data", s.data)
    s.s3.delete_object(Bucket=b, Key="k", VersionId=version)
    same(code(s.s3.get_object, Bucket=b, Key="k", VersionId=version)[0], "NoSuchVersion", "after its date a version may go")


def holds(s3):
    b = locked(s3, "le-gal")
    one = put(s3, b, "k", b"1")
    same(code(s3.get_object_legal_hold, Bucket=b, Key="k")[0], "NoSuchObjectLockConfiguration", "never held")
    s3.put_object_legal_hold(Bucket=b, Key="k", VersionId=one, LegalHold={"Status": "ON"})
    same(s3.get_object_legal_hold(Bucket=b, Key="k")["LegalHold"], {"Status": "ON"}, "held")
    same(code(s3.delete_object, Bucket=b, Key="k", VersionId=one, BypassGovernanceRetention=True)[0], "AccessDenied", "no bypass")
    s3.put_object_legal_hold(Bucket=b, Key="k", LegalHold={"Status": "OFF"})
    same(s3.head_object(Bucket=b, Key="k")["ObjectLockLegalHoldStatus"], "OFF", "let go")
    s3.delete_object(Bucket=b, Key="k", VersionId=one)
    plain = bucket(s3, "pla-in", None)
    put(s3, plain, "k", b"1")
    for call, args in ((s3.get_object_legal_hold, {}), (s3.get_object_retention, {}), (s3.put_object_legal_hold, {"LegalHold": {"Status": "ON"}})):
        same(code(call, Bucket=plain, Key="k", **args)[0], "InvalidRequest", "a bucket without locks")
    same(code(s3.put_object, Bucket=plain, Key="k", Body=b"", ObjectLockLegalHoldStatus="ON")[0], "InvalidRequest", "takes no lock")
    same(code(s3.put_object_legal_hold, Bucket=plain, Key="k", LegalHold={})[0], "MalformedXML", "its document is read first")
    same(code(s3.delete_object, Bucket=plain, Key="k", BypassGovernanceRetention=True)[0], "InvalidArgument", "nothing to pass over")


def defaults(s3):
    b = bucket(s3, "de-fault", None)
    days = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 2}}}
    same(code(s3.put_object_lock_configuration, Bucket=b, ObjectLockConfiguration=days)[:2], ("InvalidBucketState", 409), "locks need versions")
    s3.put_bucket_versioning(Bucket=b, VersioningConfiguration={"Status": "Enabled"})
    for wrong, why in (({"Mode": "GOVERNANCE"}, "MalformedXML"), ({"Mode": "GOVERNANCE", "Days": 1, "Years": 1}, "MalformedXML"),
                       ({"Mode": "governance", "Days": 1}, "MalformedXML"), ({"Mode": "GOVERNANCE", "Days": 0}, "InvalidRetentionPeriod")):
        got = code(s3.put_object_lock_configuration, Bucket=b, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": wrong}})
        same(got[0], why, f"no default: {wrong}")
    s3.put_object_lock_configuration(Bucket=b, ObjectLockConfiguration=days)
    same(s3.get_object_lock_configuration(Bucket=b)["ObjectLockConfiguration"], days, "a default is kept")
    put(s3, b, "k", b"1")
    head = s3.head_object(Bucket=b, Key="k")
    same((head["ObjectLockMode"], (head["ObjectLockRetainUntilDate"] - head["LastModified"]).days), ("COMPLIANCE", 2), "and is a put's")
    s3.put_object(Bucket=b, Key="k", Body=b"2", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=at(1))
    same(s3.head_object(Bucket=b, Key="k")["ObjectLockMode"], "GOVERNANCE", "unless it says otherwise")
    up = s3.create_multipart_upload(Bucket=b, Key="m")["UploadId"]
    part = s3.upload_part(Bucket=b, Key="m", UploadId=up, PartNumber=1, Body=b"x")
    s3.complete_multipart_upload(Bucket=b, Key="m", UploadId=up, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    same(s3.head_object(Bucket=b, Key="m")["ObjectLockMode"], "COMPLIANCE", "an upload's object has it, too")


NOW = datetime.datetime(2026, 1, 5, 9, tzinfo=datetime.timezone.utc)


def at(days):
    return NOW + datetime.timedelta(days=days)


with Stack(only="s3", clock="2026-01-05T09:00:00Z") as s:
    parts(comes_and_goes, suspended, pages, by_id, states, holds, defaults, args=(s.s3,))
    expires(s, *retention(s.s3))
done()
