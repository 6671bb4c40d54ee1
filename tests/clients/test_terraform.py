#!/usr/bin/python3
"""A pipeline as Terraform's AWS provider makes it, without any skip_*: buckets, streams, roles, MSK, MSK Connect, REST API, log group, key,
parameter, alarm. Applied under tarn exec, planned again without a difference, changed, destroyed.
TARN_TF_PLUGINS: a folder of providers (registry.terraform.io/hashicorp/aws/...), for where no other holds them."""
import os
import shutil
import subprocess

from tarn import Stack, TARN, TMP, call, done, ok, same, skip_all

PLUGINS = [d for d in (os.environ.get("TARN_TF_PLUGINS"), os.path.expanduser("~/.terraform.d/plugins"), "/usr/local/share/terraform/plugins",
                       "/usr/share/terraform/plugins") if d and os.path.isdir(f"{d}/registry.terraform.io/hashicorp/aws")]
if not shutil.which("terraform") or not PLUGINS:
    skip_all("terraform or its AWS provider is not here (TARN_TF_PLUGINS)")
HERE = os.path.dirname(os.path.abspath(__file__))
work = os.path.join(TMP, "tf")
shutil.copytree(os.path.join(HERE, "terraform"), work)
with open(os.path.join(work, "plugin.zip"), "wb") as f:
    f.write(b"PK\x05\x06" + 18 * b"\0")  # an empty archive


def terraform(s, *args, want=0):
    env = {**os.environ, "HOME": TMP, "TF_IN_AUTOMATION": "1", "TF_CLI_ARGS": "-no-color", "CHECKPOINT_DISABLE": "1"}
    p = subprocess.run([TARN, "exec", "--data", s.data, "--attach", "--", "terraform", *args], cwd=work, env=env, capture_output=True, text=True,
                       timeout=900)
    ok(p.returncode == want, f"terraform {' '.join(args[:2])}", p.stderr[-3000:] or p.stdout[-1500:])
    return p.stdout


with Stack() as stack:
    subprocess.run(["terraform", "init", f"-plugin-dir={PLUGINS[0]}"], cwd=work, env={**os.environ, "HOME": TMP}, check=True, capture_output=True)
    terraform(stack, "apply", "-auto-approve")
    terraform(stack, "plan", "-detailed-exitcode")
    out = terraform(stack, "output")
    ok(".kafka.us-east-1.amazonaws.com:9098" in out and 'account = "000000000000"' in out, "its outputs are AWS's", out)
    user = "9f8e7d6c5b4a"
    invoke = next(line.split('"')[1] for line in out.splitlines() if line.startswith("invoke"))
    post = ["curl", "-sS", "-H", "Content-Type: application/vnd.kafka.json.v2+json", "--data", '{"records":[{"value":{"index":1}}]}', f"{invoke}/topics/{user}.pin"]
    p = subprocess.run([TARN, "exec", "--data", stack.data, "--attach", "--", *post], capture_output=True, text=True, timeout=60)
    ok('"offset":0' in p.stdout, "a post through the API it made", p.stdout + p.stderr)
    stack.settle()
    same(stack.keys("topics/", f"user-{user}-bucket"), [f"topics/{user}.pin/partition=0/{user}.pin+0+0000000000.json"], "the connector it made writes the object")
    terraform(stack, "apply", "-auto-approve", "-var", "flush=2")
    terraform(stack, "plan", "-detailed-exitcode", "-var", "flush=2")
    stack.s3.delete_object(Bucket=f"user-{user}-bucket", Key=f"topics/{user}.pin/partition=0/{user}.pin+0+0000000000.json")
    terraform(stack, "destroy", "-auto-approve", "-var", "flush=2")
    same(call("GET", stack.at["connect"] + "/connectors").json(), ["s3-sink"], "the stack's own connector is left")
done()
