#!/usr/bin/python3
"""IAM and bucket policies for Terraform and its AWS provider, without any skip_ setting: applied, planned again without a difference,
destroyed. TARN_TF_PLUGINS: a folder of providers, for where no other holds them."""
import os
import shutil
import subprocess

from tarn import Stack, TMP, done, need, ok, same, skip_all

need("boto3")
PLUGINS = [d for d in (os.environ.get("TARN_TF_PLUGINS"), os.path.expanduser("~/.terraform.d/plugins"), "/usr/local/share/terraform/plugins",
                       "/usr/share/terraform/plugins") if d and os.path.isdir(f"{d}/registry.terraform.io/hashicorp/aws")]
if not shutil.which("terraform") or not PLUGINS:
    skip_all("terraform or its AWS provider is not here (TARN_TF_PLUGINS)")

MAIN = r'''
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "endpoint" {}
provider "aws" {
  region = "us-east-1"
  access_key = "test"
  secret_key = "test"
  endpoints {
    iam = var.endpoint
    sts = var.endpoint
    s3 = var.endpoint
  }
  s3_use_path_style = true
}
data "aws_caller_identity" "me" {}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type = "Service"
      identifiers = ["kafkaconnect.amazonaws.com", "ec2.amazonaws.com"]
    }
  }
}
resource "aws_iam_role" "r" {
  name = "conn-role"
  path = "/p/"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  description = "d"
  max_session_duration = 7200
  tags = { a = "b" }
}
resource "aws_iam_policy" "p" {
  name = "pol"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:*"], Resource = "*" }] })
  tags = { x = "y" }
}
resource "aws_iam_role_policy_attachment" "a" {
  role = aws_iam_role.r.name
  policy_arn = aws_iam_policy.p.arn
}
resource "aws_iam_role_policy_attachment" "m" {
  role = aws_iam_role.r.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonMSKFullAccess"
}
resource "aws_iam_role_policy" "i" {
  role = aws_iam_role.r.name
  name = "inline"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kinesis:*", Resource = "*" }] })
}
resource "aws_iam_instance_profile" "ip" {
  name = "prof"
  role = aws_iam_role.r.name
}
resource "aws_iam_user" "u" {
  name = "tfuser"
  tags = { q = "z" }
}
resource "aws_iam_access_key" "k" { user = aws_iam_user.u.name }
resource "aws_iam_user_policy" "up" {
  user = aws_iam_user.u.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:Get*", Resource = "*" }] })
}
resource "aws_iam_group" "g" { name = "grp" }
resource "aws_iam_group_membership" "gm" {
  name = "m"
  group = aws_iam_group.g.name
  users = [aws_iam_user.u.name]
}
resource "aws_iam_group_policy_attachment" "ga" {
  group = aws_iam_group.g.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
}
resource "aws_iam_openid_connect_provider" "o" {
  url = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
  thumbprint_list = ["6938fd4d98bab03faadb97b34396831e3780aea1"]
}
resource "aws_iam_account_alias" "al" { account_alias = "tarn-tf" }
resource "aws_iam_account_password_policy" "pp" { minimum_password_length = 10 }
resource "aws_iam_service_linked_role" "slr" { aws_service_name = "kafka.amazonaws.com" }
resource "aws_iam_user_login_profile" "lp" { user = aws_iam_user.u.name }
resource "aws_s3_bucket" "b" { bucket = "tf-policy-bucket" }
resource "aws_s3_bucket_policy" "bp" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "x", Effect = "Allow", Principal = { AWS = aws_iam_role.r.arn }, Action = "s3:GetObject", Resource = "${aws_s3_bucket.b.arn}/*" }] })
}
data "aws_iam_policy" "aws" {
  name = "AmazonKinesisFullAccess"
}
output "arn" { value = data.aws_caller_identity.me.arn }
output "kin" { value = data.aws_iam_policy.aws.arn }
'''

FOLDER = os.path.join(TMP, "tf")
os.mkdir(FOLDER)
with open(os.path.join(FOLDER, "main.tf"), "w", encoding="utf-8") as f:
    f.write(MAIN)
with open(os.path.join(TMP, "rc"), "w", encoding="utf-8") as f:
    f.write('provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' % PLUGINS[0])


def terraform(stack, *args):
    env = {**os.environ, "TF_CLI_CONFIG_FILE": os.path.join(TMP, "rc"), "CHECKPOINT_DISABLE": "1", "HOME": TMP, "TF_VAR_endpoint": stack.at["aws"]}
    return subprocess.run(["terraform", *args, "-no-color"], cwd=FOLDER, env=env, capture_output=True, text=True, timeout=600)


def good(r, name):
    return ok(r.returncode == 0, name, r.stdout[-2000:] + r.stderr)


with Stack(only="aws,s3") as s:
    if good(terraform(s, "init"), "init") and good(terraform(s, "apply", "-auto-approve"), "applied"):
        good(terraform(s, "plan", "-detailed-exitcode"), "planned again: no difference")
        iam = s.client("iam")
        same(sorted(p["PolicyName"] for p in iam.list_attached_role_policies(RoleName="conn-role")["AttachedPolicies"]), ["AmazonMSKFullAccess", "pol"], "attached")
    good(terraform(s, "destroy", "-auto-approve"), "destroyed")
    same(s.client("iam").list_users()["Users"], [], "nothing is left")
done()
