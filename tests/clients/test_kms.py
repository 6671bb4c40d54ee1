#!/usr/bin/python3
"""KMS through Debian's boto3 and the AWS CLI; what the key pairs do is checked by python3-cryptography, where it is there."""
import base64
import hashlib
import json

from tarn import AWS, Stack, done, need, ok, parts, same, skip

boto3, botocore = need("boto3", "botocore")
from botocore.exceptions import ClientError

try:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding
except ImportError:
    hashes = None

DAY = "arn:aws:kms:us-east-1:000000000000:key/"


def refused(call, **args):
    try:
        return call(**args)
    except ClientError as e:
        return e.response["Error"]["Code"], e.response["Error"].get("Message", "")


def keys(stack, kms):
    first = kms.create_key(Description="mine", Tags=[{"TagKey": "team", "TagValue": "data"}])["KeyMetadata"]
    want = {"AWSAccountId": "000000000000", "Arn": DAY + first["KeyId"], "Enabled": True, "Description": "mine", "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyState": "Enabled", "Origin": "AWS_KMS", "KeyManager": "CUSTOMER", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"], "MultiRegion": False}
    same({k: first.get(k) for k in want}, want, "CreateKey answers KeyMetadata")
    same(kms.describe_key(KeyId=first["KeyId"])["KeyMetadata"]["Arn"], first["Arn"], "DescribeKey by id")
    ok({"KeyId": first["KeyId"], "KeyArn": first["Arn"]} in kms.list_keys()["Keys"], "ListKeys has it")
    kms.create_alias(AliasName="alias/mine", TargetKeyId=first["KeyId"])
    for name in (first["Arn"], "alias/mine", "arn:aws:kms:us-east-1:000000000000:alias/mine"):
        same(kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"], first["KeyId"], f"DescribeKey by {name[:25]}")
    same([a["AliasName"] for a in kms.list_aliases(KeyId=first["KeyId"])["Aliases"]], ["alias/mine"], "ListAliases of a key")
    same(refused(kms.create_alias, AliasName="alias/mine", TargetKeyId=first["KeyId"]),
         ("AlreadyExistsException", "An alias with the name arn:aws:kms:us-east-1:000000000000:alias/mine already exists"), "an alias twice")
    same(refused(kms.create_alias, AliasName="alias/aws/x", TargetKeyId=first["KeyId"])[0], "NotAuthorizedException", "alias/aws is AWS's")
    same(refused(kms.create_alias, AliasName="mine", TargetKeyId=first["KeyId"]), ("ValidationException", "Invalid identifier"), "not alias/")
    other = "12345678-1234-1234-1234-123456789012"
    same(refused(kms.describe_key, KeyId=other), ("NotFoundException", f"Key '{DAY}{other}' does not exist"), "no such key")
    same(refused(kms.describe_key, KeyId="x"), ("NotFoundException", "Invalid keyId 'x'"), "no id")
    same(refused(kms.describe_key, KeyId="alias/none"), ("NotFoundException", "Alias arn:aws:kms:us-east-1:000000000000:alias/none is not found."),
         "no such alias")
    same(refused(kms.create_key, KeySpec="ECC_SECG_P256K1", KeyUsage="SIGN_VERIFY")[0], "UnsupportedOperationException", "a spec that isn't served")
    same(refused(kms.create_key, KeySpec="RSA_2048")[0], "ValidationException", "RSA without a usage")
    west = boto3.client("kms", endpoint_url=stack.at["aws"], region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
    same(refused(west.describe_key, KeyId=first["KeyId"])[0], "NotFoundException", "another region knows nothing of it")
    same(west.list_keys()["Keys"], [], "and lists nothing")
    managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    same((managed["KeyManager"], kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["KeyId"]), ("AWS", managed["KeyId"]), "alias/aws/s3 appears")
    same(refused(kms.schedule_key_deletion, KeyId=managed["KeyId"])[0], "AccessDeniedException", "and stays")
    kms.update_key_description(KeyId=first["KeyId"], Description="ours")
    kms.tag_resource(KeyId=first["KeyId"], Tags=[{"TagKey": "team", "TagValue": "x"}, {"TagKey": "b", "TagValue": "2"}])
    kms.untag_resource(KeyId=first["KeyId"], TagKeys=["b"])
    same(kms.list_resource_tags(KeyId=first["KeyId"])["Tags"], [{"TagKey": "team", "TagValue": "x"}], "tags set and taken away")
    policy = json.loads(kms.get_key_policy(KeyId=first["KeyId"], PolicyName="default")["Policy"])
    same(policy["Statement"][0]["Principal"], {"AWS": "arn:aws:iam::000000000000:root"}, "the default policy")
    same(refused(kms.put_key_policy, KeyId=first["KeyId"], PolicyName="default", Policy="{")[0], "MalformedPolicyDocumentException", "a bad policy")
    pages = [p["Keys"] for p in kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1})]
    ok(len(pages) >= 2 and all(len(p) == 1 for p in pages), "pages", pages)


def states(stack, kms):
    key = kms.create_key()["KeyMetadata"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    kms.disable_key(KeyId=key["KeyId"])
    same(refused(kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x"), ("DisabledException", key["Arn"] + " is disabled."), "disabled: no Encrypt")
    same(refused(kms.decrypt, CiphertextBlob=blob)[0], "DisabledException", "nor Decrypt")
    kms.enable_key(KeyId=key["KeyId"])
    same(kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"x", "enabled again")
    same(refused(kms.schedule_key_deletion, KeyId=key["KeyId"], PendingWindowInDays=5)[0], "ValidationException", "7 days at least")
    same(kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)["KeyState"], "PendingDeletion", "scheduled")
    same(refused(kms.decrypt, CiphertextBlob=blob), ("KMSInvalidStateException", key["Arn"] + " is pending deletion."), "pending: no Decrypt")
    kms.cancel_key_deletion(KeyId=key["KeyId"])
    same(kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"], "Disabled", "cancelled: disabled")
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    stack.clock("advance 8d")
    same(refused(kms.describe_key, KeyId=key["KeyId"])[0], "NotFoundException", "gone after its days")


def rotation(stack, kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    old = kms.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"]
    same(kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], False, "no rotation at first")
    kms.enable_key_rotation(KeyId=key)
    same(kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], True, "rotation on")
    stack.clock("advance 366d")
    new = kms.encrypt(KeyId=key, Plaintext=b"new")["CiphertextBlob"]
    same([kms.decrypt(CiphertextBlob=b)["Plaintext"] for b in (old, new)], [b"old", b"new"], "older ciphertexts open after a year")
    if hasattr(kms, "rotate_key_on_demand"):
        kms.rotate_key_on_demand(KeyId=key)
        same([r["RotationType"] for r in kms.list_key_rotations(KeyId=key)["Rotations"]], ["AUTOMATIC", "ON_DEMAND"], "the rotations that were")
    kms.disable_key_rotation(KeyId=key)
    same(kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], False, "rotation off")


def crypt(stack, kms):
    key = kms.create_key()["KeyMetadata"]
    other = kms.create_key()["KeyMetadata"]
    context = {"b": "2", "a": "1"}
    got = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"secret", EncryptionContext=context)
    blob = got["CiphertextBlob"]
    same(got["KeyId"], key["Arn"], "Encrypt answers the ARN")
    same(kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "1", "b": "2"})["Plaintext"], b"secret", "a context in any order")
    same(refused(kms.decrypt, CiphertextBlob=blob, EncryptionContext={"a": "1"})[0], "InvalidCiphertextException", "another context")
    same(refused(kms.decrypt, CiphertextBlob=blob)[0], "InvalidCiphertextException", "no context")
    same(refused(kms.decrypt, CiphertextBlob=blob[:-1] + bytes([blob[-1] ^ 1]), EncryptionContext=context)[0], "InvalidCiphertextException", "tampered")
    same(refused(kms.decrypt, CiphertextBlob=b"nonsense"), ("InvalidCiphertextException", ""), "no ciphertext, no message")
    same(refused(kms.decrypt, CiphertextBlob=blob, KeyId=other["KeyId"], EncryptionContext=context)[0], "IncorrectKeyException", "another key")
    ok(kms.encrypt(KeyId=key["KeyId"], Plaintext=b"secret", EncryptionContext=context)["CiphertextBlob"] != blob, "never the same ciphertext twice")
    again = kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext=context, DestinationKeyId=other["KeyId"])
    same((again["SourceKeyId"], again["KeyId"]), (key["Arn"], other["Arn"]), "ReEncrypt")
    same(kms.decrypt(CiphertextBlob=again["CiphertextBlob"])["Plaintext"], b"secret", "and it opens")
    ok(len(kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x" * 4096)["CiphertextBlob"]) > 4096, "4096 bytes")
    same(refused(kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x" * 4097)[0], "ValidationException", "4097 are too many")
    data = kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256", EncryptionContext=context)
    same((len(data["Plaintext"]), kms.decrypt(CiphertextBlob=data["CiphertextBlob"], EncryptionContext=context)["Plaintext"]), (32, data["Plaintext"]),
         "a data key")
    same(refused(kms.generate_data_key, KeyId=key["KeyId"]), ("ValidationException", "Please specify either number of bytes or key spec."), "of no size")
    ok("Plaintext" not in kms.generate_data_key_without_plaintext(KeyId=key["KeyId"], NumberOfBytes=20), "without plaintext")
    ok(kms.generate_random(NumberOfBytes=16)["Plaintext"] != kms.generate_random(NumberOfBytes=16)["Plaintext"], "GenerateRandom differs")
    mac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]
    tag = kms.generate_mac(KeyId=mac["KeyId"], Message=b"m", MacAlgorithm="HMAC_SHA_256")["Mac"]
    same(kms.verify_mac(KeyId=mac["KeyId"], Message=b"m", MacAlgorithm="HMAC_SHA_256", Mac=tag)["MacValid"], True, "a MAC")
    same(refused(kms.verify_mac, KeyId=mac["KeyId"], Message=b"n", MacAlgorithm="HMAC_SHA_256", Mac=tag)[0], "KMSInvalidMacException", "a wrong one")
    same(refused(kms.encrypt, KeyId=mac["KeyId"], Plaintext=b"x"),
         ("InvalidKeyUsageException", mac["Arn"] + " key usage is GENERATE_VERIFY_MAC which is not valid for Encrypt."), "a key for something else")


def pairs(stack, kms):
    rsa = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    same(kms.get_public_key(KeyId=rsa["KeyId"])["SigningAlgorithms"], rsa["SigningAlgorithms"], "GetPublicKey")
    digest = hashlib.sha256(b"hello").digest()
    for algorithm in ("RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PSS_SHA_256"):
        sig = kms.sign(KeyId=rsa["KeyId"], Message=b"hello", SigningAlgorithm=algorithm)["Signature"]
        same(kms.verify(KeyId=rsa["KeyId"], Message=digest, MessageType="DIGEST", Signature=sig, SigningAlgorithm=algorithm)["SignatureValid"], True,
             algorithm)
        same(refused(kms.verify, KeyId=rsa["KeyId"], Message=b"other", Signature=sig, SigningAlgorithm=algorithm)[0], "KMSInvalidSignatureException",
             "of another message")
    curve = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    sig = kms.sign(KeyId=curve["KeyId"], Message=b"hello", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
    same(refused(kms.sign, KeyId=curve["KeyId"], Message=b"short", MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256"),
         ("ValidationException", "Digest is invalid length for algorithm ECDSA_SHA_256."), "a digest of another length")
    same(refused(kms.sign, KeyId=curve["KeyId"], Message=b"x", SigningAlgorithm="ECDSA_SHA_384")[0], "InvalidKeyUsageException", "of another curve")
    crypt_key = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=crypt_key, Plaintext=b"x" * 190, EncryptionAlgorithm="RSAES_OAEP_SHA_256")["CiphertextBlob"]
    same(kms.decrypt(KeyId=crypt_key, CiphertextBlob=blob, EncryptionAlgorithm="RSAES_OAEP_SHA_256")["Plaintext"], b"x" * 190, "RSAES_OAEP")
    same(refused(kms.encrypt, KeyId=crypt_key, Plaintext=b"x" * 191, EncryptionAlgorithm="RSAES_OAEP_SHA_256")[0], "ValidationException", "191 bytes")
    wrap = kms.create_key()["KeyMetadata"]["KeyId"]
    pair = kms.generate_data_key_pair(KeyId=wrap, KeyPairSpec="ECC_NIST_P256")
    same(kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"], pair["PrivateKeyPlaintext"], "a data key pair")
    ok("PrivateKeyPlaintext" not in kms.generate_data_key_pair_without_plaintext(KeyId=wrap, KeyPairSpec="RSA_2048"), "without plaintext")
    if not hashes:
        skip("other libraries agree", "python3-cryptography is not here")
        return
    load = serialization.load_der_public_key
    public = load(kms.get_public_key(KeyId=rsa["KeyId"])["PublicKey"])
    made = kms.sign(KeyId=rsa["KeyId"], Message=b"hello", SigningAlgorithm="RSASSA_PSS_SHA_256")["Signature"]
    public.verify(made, b"hello", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    made = kms.sign(KeyId=rsa["KeyId"], Message=b"hello", SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_512")["Signature"]
    public.verify(made, b"hello", padding.PKCS1v15(), hashes.SHA512())
    load(kms.get_public_key(KeyId=curve["KeyId"])["PublicKey"]).verify(sig, b"hello", ec.ECDSA(hashes.SHA256()))
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    sealed = load(kms.get_public_key(KeyId=crypt_key)["PublicKey"]).encrypt(b"out there", oaep)
    same(kms.decrypt(KeyId=crypt_key, CiphertextBlob=sealed, EncryptionAlgorithm="RSAES_OAEP_SHA_1")["Plaintext"], b"out there", "other libraries agree")
    own = serialization.load_der_private_key(pair["PrivateKeyPlaintext"], None)
    load(pair["PublicKey"]).verify(own.sign(b"m", ec.ECDSA(hashes.SHA256())), b"m", ec.ECDSA(hashes.SHA256()))


def streams(stack, kms):
    kinesis = stack.client("kinesis")
    name = kinesis.list_streams()["StreamNames"][0]
    key = kms.create_key()["KeyMetadata"]
    same(refused(kinesis.start_stream_encryption, StreamName=name, EncryptionType="KMS", KeyId="alias/none")[0], "KMSNotFoundException", "Kinesis: no such key")
    kinesis.start_stream_encryption(StreamName=name, EncryptionType="KMS", KeyId=key["Arn"])
    same(kinesis.put_record(StreamName=name, Data=b"x", PartitionKey="1")["EncryptionType"], "KMS", "Kinesis: a record by a key")
    kms.disable_key(KeyId=key["KeyId"])
    same(refused(kinesis.put_record, StreamName=name, Data=b"x", PartitionKey="1"), ("KMSDisabledException", key["Arn"] + " is disabled."), "and not when disabled")
    at = kinesis.get_shard_iterator(StreamName=name, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    same(refused(kinesis.get_records, ShardIterator=at)[0], "KMSDisabledException", "nor are records read")
    kms.enable_key(KeyId=key["KeyId"])
    same([r["Data"] for r in kinesis.get_records(ShardIterator=at)["Records"]], [b"x"], "enabled again")


def grants(stack, kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    who = "arn:aws:iam::000000000000:role/r"
    grant = kms.create_grant(KeyId=key, GranteePrincipal=who, RetiringPrincipal=who, Operations=["Decrypt"], Name="n")
    same(kms.create_grant(KeyId=key, GranteePrincipal=who, RetiringPrincipal=who, Operations=["Decrypt"], Name="n")["GrantId"], grant["GrantId"],
         "the same grant again")
    same([g["GrantId"] for g in kms.list_grants(KeyId=key)["Grants"]], [grant["GrantId"]], "ListGrants")
    same(len(kms.list_retirable_grants(RetiringPrincipal=who)["Grants"]), 1, "ListRetirableGrants")
    kms.retire_grant(GrantToken=grant["GrantToken"])
    same(refused(kms.revoke_grant, KeyId=key, GrantId=grant["GrantId"])[0], "NotFoundException", "gone")


def command_line(stack, kms):
    out = stack.aws("kms", "list-aliases", "--query", "Aliases[?AliasName=='alias/mine'].AliasName", "--output", "text")
    same(out.stdout.strip(), "alias/mine", "aws kms list-aliases")
    out = stack.aws("kms", "encrypt", "--key-id", "alias/mine", "--plaintext", base64.b64encode(b"hi").decode(), "--query", "CiphertextBlob", "--output",
                    "text")
    same(kms.decrypt(CiphertextBlob=base64.b64decode(out.stdout))["Plaintext"], b"hi", "aws kms encrypt")


def twice(clock):
    with Stack(only="aws,s3", clock=clock) as stack:
        kms = stack.client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        rsa = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        return (kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"], kms.get_public_key(KeyId=rsa)["PublicKey"],
                kms.sign(KeyId=rsa, Message=b"x", SigningAlgorithm="RSASSA_PSS_SHA_256")["Signature"])


with Stack(clock="2026-01-05T09:00:00Z") as it:
    parts(keys, states, rotation, crypt, pairs, streams, grants, *([command_line] if AWS else []), args=(it, it.client("kms")))
same(twice("2026-01-05T09:00:00Z"), twice("2026-01-05T09:00:00Z"), "the same run has the same keys and ciphertexts")
done()
