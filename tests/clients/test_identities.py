#!/usr/bin/python3
"""[identities]: every AWS service takes the right secret and refuses a wrong secret, an unknown key, and no signature, in its own words."""
from tarn import Stack, done, need, same

ClientError, UNSIGNED = need("botocore.exceptions").ClientError, need("botocore").UNSIGNED

# service, a call, the answer's key, codes: wrong secret, unknown key, unsigned (403: no scope says which service is meant)
ROWS = [
    ("s3", "list_buckets", "Buckets", "SignatureDoesNotMatch", "InvalidAccessKeyId", "AccessDenied"),
    ("kinesis", "list_streams", "StreamNames", "InvalidSignatureException", "UnrecognizedClientException", "MissingAuthenticationTokenException"),
    ("apigateway", "get_rest_apis", "items", "InvalidSignatureException", "UnrecognizedClientException", "403"),
    ("mwaa", "list_environments", "Environments", "InvalidSignatureException", "UnrecognizedClientException", "403"),
]


def said(client, word):
    """The answer's keys, or the error's code."""
    try:
        return getattr(client, word)()
    except ClientError as e:
        return e.response["Error"]["Code"]


with Stack(conf="[identities]\nAKIATARN = s3cr3t/key\n", only="s3,kinesis,apigateway,airflow") as s:
    for service, word, key, wrong, unknown, unsigned in ROWS:
        same(key in said(s.client(service, "AKIATARN", "s3cr3t/key"), word), True, f"{service}: the right secret")
        same(said(s.client(service, "AKIATARN", "other"), word), wrong, f"{service}: a wrong secret")
        same(said(s.client(service, "AKIANONE", "s3cr3t/key"), word), unknown, f"{service}: an unknown key")
        same(said(s.client(service, signature_version=UNSIGNED), word), unsigned, f"{service}: no signature")

with Stack(conf="", only="s3,kinesis,apigateway,airflow") as s:
    for service, word, key, *_ in ROWS:
        same(key in said(s.client(service), word), True, f"{service}: without [identities] anyone will do")
done()
