#!/usr/bin/python3
"""The MSK steps of the users, word for word, under tarn exec: brokers by the aws command, client.properties with a role and the jar's
handler, Kafka's tools of 2.8.1 with aws-msk-iam-auth 1.1.5 and of 3.9.1 with 2.x, against a cluster of three brokers."""
import os
import shutil
import subprocess

from tarn import AWS, TMP, USER, TARN, done, ok, parts, registry, same, skip_all

ROLE = f"arn:aws:iam::000000000000:role/{USER}-ec2-access-role"
PROPERTIES = f"""# Sets up TLS for encryption and SASL for authN.
security.protocol = SASL_SSL

# Identifies the SASL mechanism to use.
sasl.mechanism = AWS_MSK_IAM

# Binds SASL client implementation.
sasl.jaas.config = software.amazon.msk.auth.iam.IAMLoginModule required awsRoleArn="{ROLE}";

# Encapsulates constructing a SigV4 signature based on extracted credentials.
sasl.client.callback.handler.class = software.amazon.msk.auth.iam.IAMClientCallbackHandler
"""
STEPS = """
arn=$(aws kafka list-clusters --query 'ClusterInfoList[0].ClusterArn' --output text)
b=$(aws kafka get-bootstrap-brokers --cluster-arn "$arn" --query BootstrapBrokerStringSaslIam --output text)
k() { timeout 60 java -Xmx256m -Xshare:auto -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "$@" 2>&1 | grep -v -i 'log4j\\|slf4j\\|WARN'; }
echo "brokers $b"
k $TOPICS --bootstrap-server "$b" --command-config client.properties --create --topic USER.rf3 --partitions 3 --replication-factor 3
kcat -b "$(aws kafka get-bootstrap-brokers --cluster-arn "$arn" --query BootstrapBrokerString --output text)" -L -t USER.rf3
seq 9 | k kafka.tools.ConsoleProducer --bootstrap-server "$b" --producer.config client.properties --topic USER.rf3
k $CONSUMER --bootstrap-server "$b" --consumer.config client.properties --group steps --topic USER.rf3 --from-beginning --max-messages 9 --timeout-ms 30000
""".replace("USER", USER)


def steps(jars, topics, consumer):
    folder = f"{TMP}/{os.path.basename(jars)}"
    os.mkdir(folder)
    with open(f"{folder}/client.properties", "w", encoding="utf-8") as f:
        f.write(PROPERTIES)
    env = {**os.environ, "CLASSPATH": f"{jars}/*", "TOPICS": topics, "CONSUMER": consumer, "PATH": os.path.dirname(AWS) + ":" + os.environ["PATH"]}
    p = subprocess.run([TARN, "exec", "--set", "kafka.brokers=3", "--", "sh", "-c", STEPS], cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    lines = p.stdout.splitlines()
    brokers = [b for line in lines if line.startswith("brokers ") for b in line[8:].split(",")]
    ok(len(brokers) == 3 and all(b.startswith(f"b-{i + 1}.") and b.endswith(".kafka.us-east-1.amazonaws.com:9098") for i, b in enumerate(brokers)),
       "three brokers by their names", p.stdout + p.stderr)
    ok(f"Created topic {USER}.rf3." in lines, "kafka-topics --create with three replicas", p.stdout + p.stderr)
    leaders = [line.split("leader ")[1].split(",")[0] for line in lines if "leader " in line]
    replicas = {tuple(sorted(line.split("replicas: ")[1].split(", ")[0].split(","))) for line in lines if "replicas: " in line}
    same((sorted(leaders), replicas), (["1", "2", "3"], {("1", "2", "3")}), "each leads a partition, each has a replica")
    same(sorted(line for line in lines if line.isdigit()), [str(i) for i in range(1, 10)], "console producer and consumer, at each broker by its name")


def of_2021():
    steps(registry("java-msk"), "kafka.admin.TopicCommand", "kafka.tools.ConsoleConsumer")


def of_today():
    steps(registry("java"), "org.apache.kafka.tools.TopicCommand", "org.apache.kafka.tools.consumer.ConsoleConsumer")


if not shutil.which("java") or not shutil.which("kcat") or not AWS:
    skip_all("java, kcat or the aws command is missing")
registry("java")
registry("java-msk")
parts(of_2021, of_today)
done()
