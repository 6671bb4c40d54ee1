#!/usr/bin/python3
"""Every bucket resource of Terraform's AWS provider: applied under tarn exec, planned again without a difference, changed, destroyed.
TARN_TF_PLUGINS: as test_terraform.py."""
import os
import shutil
import subprocess

from tarn import Stack, TARN, TMP, done, ok, same, skip_all

PLUGINS = [d for d in (os.environ.get("TARN_TF_PLUGINS"), os.path.expanduser("~/.terraform.d/plugins"), "/usr/local/share/terraform/plugins",
                       "/usr/share/terraform/plugins") if d and os.path.isdir(f"{d}/registry.terraform.io/hashicorp/aws")]
if not shutil.which("terraform") or not PLUGINS:
    skip_all("terraform or its AWS provider is not here (TARN_TF_PLUGINS)")
work = os.path.join(TMP, "tf")
shutil.copytree(os.path.join(os.path.dirname(os.path.abspath(__file__)), "terraform_s3"), work)
ENV = {**os.environ, "HOME": TMP, "TF_IN_AUTOMATION": "1", "TF_CLI_ARGS": "-no-color", "CHECKPOINT_DISABLE": "1"}


def terraform(s, *args):
    p = subprocess.run([TARN, "exec", "--data", s.data, "--attach", "--", "terraform", *args], cwd=work, env=ENV, capture_output=True, text=True,
                       timeout=600)
    ok(p.returncode == 0, f"terraform {' '.join(args)}", p.stdout[-3000:] + p.stderr[-1000:])
    return p.stdout


with Stack(only="s3,kinesis,aws") as stack:
    subprocess.run(["terraform", "init", f"-plugin-dir={PLUGINS[0]}"], cwd=work, env=ENV, check=True, capture_output=True)
    terraform(stack, "apply", "-auto-approve")
    terraform(stack, "plan", "-detailed-exitcode")
    out = terraform(stack, "output")
    ok('{\\"days\\":30}' in out and '"folder/two.json",' in out and "tf-main.s3.us-east-1.amazonaws.com" in out, "objects and names as on AWS", out)
    terraform(stack, "apply", "-auto-approve", "-var", "days=40")
    terraform(stack, "plan", "-detailed-exitcode", "-var", "days=40")
    same(len(stack.client("s3").list_object_versions(Bucket="tf-main", Prefix="folder/one")["Versions"]), 2, "a change of an object is a version of it")
    terraform(stack, "destroy", "-auto-approve", "-var", "days=40")
    same([b["Name"] for b in stack.client("s3").list_buckets()["Buckets"] if b["Name"].startswith("tf-")], [], "all gone")
done()
