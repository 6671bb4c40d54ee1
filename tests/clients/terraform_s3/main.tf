# A bucket with everything around it that Terraform's AWS provider has a resource for.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region     = "us-east-1"
  access_key = "test"
  secret_key = "test"
}
variable "days" { default = 30 }
resource "aws_s3_bucket" "main" {
  bucket        = "tf-main"
  force_destroy = true
  tags          = { team = "data", "with space" = "a b" }
}
resource "aws_s3_bucket" "logs" {
  bucket        = "tf-logs"
  force_destroy = true
}
resource "aws_s3_bucket" "locked" {
  bucket              = "tf-locked"
  object_lock_enabled = true
  force_destroy       = true
}
resource "aws_s3_bucket_versioning" "main" {
  bucket = aws_s3_bucket.main.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_ownership_controls" "main" {
  bucket = aws_s3_bucket.main.id
  rule { object_ownership = "BucketOwnerPreferred" }
}
resource "aws_s3_bucket_acl" "main" {
  depends_on = [aws_s3_bucket_ownership_controls.main]
  bucket     = aws_s3_bucket.main.id
  acl        = "private"
}
resource "aws_s3_bucket_public_access_block" "main" {
  bucket                  = aws_s3_bucket.main.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
resource "aws_s3_bucket_server_side_encryption_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "aws:kms" }
    bucket_key_enabled = true
  }
}
resource "aws_s3_bucket_lifecycle_configuration" "main" {
  depends_on = [aws_s3_bucket_versioning.main]
  bucket     = aws_s3_bucket.main.id
  rule {
    id     = "old"
    status = "Enabled"
    filter {
      and {
        prefix = "logs/"
        tags   = { keep = "no" }
      }
    }
    expiration { days = var.days + 60 }
    transition {
      days          = var.days
      storage_class = "STANDARD_IA"
    }
    noncurrent_version_expiration { noncurrent_days = 7 }
  }
  rule {
    id     = "uploads"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload { days_after_initiation = 3 }
  }
}
resource "aws_s3_bucket_cors_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  cors_rule {
    allowed_headers = ["*"]
    allowed_methods = ["GET", "PUT"]
    allowed_origins = ["https://example.com"]
    expose_headers  = ["ETag"]
    max_age_seconds = 300
  }
}
resource "aws_s3_bucket_website_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  index_document { suffix = "index.html" }
  error_document { key = "error.html" }
  routing_rule {
    condition { key_prefix_equals = "docs/" }
    redirect { replace_key_prefix_with = "documents/" }
  }
}
resource "aws_s3_bucket_logging" "main" {
  bucket        = aws_s3_bucket.main.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "log/"
}
resource "aws_s3_bucket_policy" "main" {
  bucket = aws_s3_bucket.main.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Sid = "tls", Effect = "Deny", Principal = "*", Action = "s3:*", Resource = ["${aws_s3_bucket.main.arn}/*"],
    Condition = { Bool = { "aws:SecureTransport" = "false" }, StringEquals = { "aws:PrincipalAccount" = "999999999999" } } }]
  })
}
resource "aws_s3_bucket_accelerate_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  status = "Enabled"
}
resource "aws_s3_bucket_request_payment_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  payer  = "Requester"
}
resource "aws_s3_bucket_metric" "main" {
  bucket = aws_s3_bucket.main.id
  name   = "all"
}
resource "aws_s3_bucket_analytics_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  name   = "all"
}
resource "aws_s3_bucket_intelligent_tiering_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  name   = "all"
  tiering {
    access_tier = "DEEP_ARCHIVE_ACCESS"
    days        = 180
  }
}
resource "aws_s3_bucket_inventory" "main" {
  bucket                   = aws_s3_bucket.main.id
  name                     = "weekly"
  included_object_versions = "All"
  schedule { frequency = "Weekly" }
  destination {
    bucket {
      format     = "CSV"
      bucket_arn = aws_s3_bucket.logs.arn
    }
  }
}
resource "aws_s3_bucket_object_lock_configuration" "locked" {
  bucket = aws_s3_bucket.locked.id
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 1
    }
  }
}
resource "aws_s3_bucket_notification" "main" {
  bucket      = aws_s3_bucket.main.id
  eventbridge = true
}
resource "aws_s3_object" "one" {
  depends_on   = [aws_s3_bucket_versioning.main, aws_s3_bucket_server_side_encryption_configuration.main]
  bucket       = aws_s3_bucket.main.id
  key          = "folder/one.json"
  content      = jsonencode({ days = var.days })
  content_type = "application/json"
  metadata     = { who = "terraform" }
  tags         = { keep = "yes" }
}
resource "aws_s3_object_copy" "two" {
  tagging_directive = "REPLACE" # its own: none
  bucket = aws_s3_bucket.main.id
  key    = "folder/two.json"
  source = "${aws_s3_bucket.main.id}/${aws_s3_object.one.key}"
}
data "aws_s3_object" "one" {
  bucket = aws_s3_bucket.main.id
  key    = aws_s3_object.one.key
}
data "aws_s3_objects" "all" {
  depends_on = [aws_s3_object_copy.two]
  bucket     = aws_s3_bucket.main.id
  prefix     = "folder/"
}
output "body" { value = data.aws_s3_object.one.body }
output "keys" { value = data.aws_s3_objects.all.keys }
output "domain" { value = aws_s3_bucket.main.bucket_regional_domain_name }
