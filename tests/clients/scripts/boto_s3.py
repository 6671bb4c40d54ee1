import io
import urllib.request

import boto3

BUCKET = "user-0a5d1f2b3c4e-bucket"
s3 = boto3.client("s3", region_name="us-east-1")
if BUCKET not in [b["Name"] for b in s3.list_buckets()["Buckets"]]:
    s3.create_bucket(Bucket=BUCKET)
s3.upload_fileobj(io.BytesIO(b"x" * (9 << 20)), BUCKET, "kafka-connect-s3/confluentinc-kafka-connect-s3-10.0.3.zip")
for n in range(3):
    s3.put_object(Bucket=BUCKET, Key=f"topics/0a5d1f2b3c4e.pin/partition=0/0a5d1f2b3c4e.pin+0+{n:010d}.json", Body=b'{"index":%d}\n' % n)
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="topics/")
keys = [o["Key"] for page in pages for o in page["Contents"]]
print(keys)
url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": keys[-1]}, ExpiresIn=60)
print(url.split("?")[0])
with urllib.request.urlopen(url) as answer:
    print(answer.read())
resource = boto3.resource("s3", region_name="us-east-1")
print(resource.Object(BUCKET, keys[0]).get()["Body"].read())
