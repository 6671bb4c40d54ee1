"""Keys of one's own in a file beside the script, a session, a region's endpoint that is named."""
import csv
import io

import boto3

CREDENTIALS = "User name,Access key ID,Secret access key\n0affea73130b,AKIAIOSFODNN7EXAMPLE,wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
row = next(csv.DictReader(io.StringIO(CREDENTIALS)))
session = boto3.Session(aws_access_key_id=row["Access key ID"], aws_secret_access_key=row["Secret access key"], region_name="us-east-1")
client = session.client("kinesis", endpoint_url="https://kinesis.us-east-1.amazonaws.com")
print(client.describe_stream(StreamName="streaming-0affea73130b-pin")["StreamDescription"]["StreamStatus"])
print(session.client("sts").get_caller_identity()["Account"])
s3 = session.client("s3", endpoint_url="https://s3.us-east-1.amazonaws.com")
print(s3.list_objects_v2(Bucket="user-0affea73130b-bucket", MaxKeys=1)["Name"])
