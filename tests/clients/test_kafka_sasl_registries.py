#!/usr/bin/python3
"""How MSK's users authenticate: Kafka's own tools with aws-msk-iam-auth over TLS, and the signer for Python with confluent-kafka and
kafka-python; by the same identities as on the AWS port."""
import os
import shutil
import subprocess

from tarn import TMP, Stack, done, ok, parts, registry, same, skip

s = Stack(only="kafka", conf="[topics]\nt = 1\n[kafka.users]\nalice = sesame\n[identities]\nAKIDGOOD = goodsecret\n")
url = s.at["kafka"]
WAYS = {
    "iam": """security.protocol=SASL_SSL
sasl.mechanism=AWS_MSK_IAM
sasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required;
sasl.client.callback.handler.class=software.amazon.msk.auth.iam.IAMClientCallbackHandler
""",
    "bearer": """security.protocol=SASL_SSL
sasl.mechanism=OAUTHBEARER
sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
sasl.login.callback.handler.class=software.amazon.msk.auth.iam.IAMOAuthBearerLoginCallbackHandler
sasl.client.callback.handler.class=software.amazon.msk.auth.iam.IAMOAuthBearerLoginCallbackHandler
""",
    "scram": """security.protocol=SASL_SSL
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="alice" password="sesame";
""",
}


def env(secret):
    return {**os.environ, "AWS_ACCESS_KEY_ID": "AKIDGOOD", "AWS_SECRET_ACCESS_KEY": secret, "AWS_REGION": "us-east-1"}


def java(main, *args, stdin=None, secret="goodsecret"):
    p = subprocess.run(["java", "-Xmx256m", "-cp", os.path.join(registry("java"), "*"), main, "--bootstrap-server", url, *args], input=stdin,
                       capture_output=True, text=True, timeout=120, env=env(secret))
    return p.stdout + p.stderr


def with_kafkas_tools():
    if not shutil.which("java"):
        skip("Kafka's own tools", "java is missing")
        return
    with open(f"{TMP}/ca.pem", "w", encoding="utf-8") as f:
        f.write(s.run("ca", "--pem").stdout)
    for name, text in WAYS.items():
        path = f"{TMP}/{name}.properties"
        with open(path, "w", encoding="utf-8") as f:
            f.write(text + f"ssl.truststore.location={TMP}/ca.pem\nssl.truststore.type=PEM\n")
        said = java("org.apache.kafka.tools.TopicCommand", "--command-config", path, "--create", "--topic", name)
        ok(f"Created topic {name}." in said, f"kafka-topics --create by {name}", said)
    iam = f"{TMP}/iam.properties"
    java("kafka.admin.ConfigCommand", "--command-config", iam, "--alter", "--add-config", "SCRAM-SHA-512=[iterations=8192,password=pw]", "--entity-type",
         "users", "--entity-name", "dave")
    said = java("kafka.admin.ConfigCommand", "--command-config", iam, "--describe", "--entity-type", "users", "--entity-name", "dave")
    ok("SCRAM credential configs for user-principal 'dave' are SCRAM-SHA-512=iterations=8192" in said, "kafka-configs makes a user and shows it", said)
    java("kafka.tools.ConsoleProducer", "--producer.config", iam, "--topic", "iam", stdin="one\ntwo\n")
    said = java("org.apache.kafka.tools.consumer.ConsoleConsumer", "--consumer.config", f"{TMP}/scram.properties", "--topic", "iam", "--partition", "0",
                "--offset", "earliest", "--max-messages", "2", "--timeout-ms", "30000")
    ok("one\ntwo\n" in said, "kafka-console-producer by IAM, -consumer by SCRAM", said)
    said = java("org.apache.kafka.tools.TopicCommand", "--command-config", iam, "--list", secret="wrong")
    ok("]: Access denied" in said, "another secret is denied in MSK's words", said)


CONFLUENT = """
import sys
from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
from confluent_kafka.admin import AdminClient
def token(_):
    text, ms = MSKAuthTokenProvider.generate_auth_token("us-east-1")
    return text, ms / 1000
a = AdminClient({"bootstrap.servers": sys.argv[1], "security.protocol": "SASL_PLAINTEXT", "sasl.mechanisms": "OAUTHBEARER", "oauth_cb": token})
a.poll(1)
print("t" in a.list_topics(timeout=20).topics)
"""
PYTHON = """
import sys
from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
import kafka
try:
    from kafka.net.sasl.oauth import AbstractTokenProvider
except ImportError:
    from kafka.sasl.oauth import AbstractTokenProvider
class Tokens(AbstractTokenProvider):
    def __init__(self, **config):
        pass
    def token(self):
        return MSKAuthTokenProvider.generate_auth_token("us-east-1")[0]
c = kafka.KafkaConsumer(bootstrap_servers=sys.argv[1], security_protocol="SASL_PLAINTEXT", sasl_mechanism="OAUTHBEARER",
                        sasl_oauth_token_provider=Tokens())
print("t" in c.topics())
"""
SCRAM = """
import sys
import kafka
for m in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
    p = kafka.KafkaProducer(bootstrap_servers=sys.argv[1], security_protocol="SASL_PLAINTEXT", sasl_mechanism=m, sasl_plain_username="alice",
                            sasl_plain_password="sesame")
    print(p.send("t", m.encode()).get(20).offset)
"""


def python(text, name, want):
    p = subprocess.run([registry("py/bin/python"), "-c", text, url], capture_output=True, text=True, timeout=120, env=env("goodsecret"))
    same(p.stdout, want, name)
    if p.returncode:
        print("# " + p.stderr[-1500:].replace("\n", "\n# "))


def with_python():
    python(CONFLUENT, "confluent-kafka with MSK's signer", "True\n")
    python(PYTHON, "kafka-python with MSK's signer", "True\n")
    python(SCRAM, "kafka-python: PLAIN, SCRAM", "0\n1\n2\n")


registry("java")
parts(with_kafkas_tools, with_python)
s.stop()
done()
