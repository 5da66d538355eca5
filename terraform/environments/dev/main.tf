terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }

  # Bucket, key and region of the state are given at init: terraform init -backend-config=backend.hcl
  backend "s3" {
    use_lockfile = true
    encrypt      = true
  }
}

locals {
  tags = {
    Project     = "cardano-rwa"
    Environment = "dev"
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}

provider "aws" {
  alias  = "replica"
  region = var.replica_region

  default_tags {
    tags = local.tags
  }
}

module "storage" {
  source = "../../modules/storage"

  providers = {
    aws         = aws
    aws.replica = aws.replica
  }

  environment           = "dev"
  backup_retention_days = 1
  lock_mode             = "GOVERNANCE"
  force_destroy         = true
  tags                  = local.tags
}

module "cdn" {
  source = "../../modules/cdn"

  environment            = "dev"
  domain_names           = var.domain_names
  certificate_arn        = var.certificate_arn
  api_domain_name        = var.api_domain_name
  origin_secret          = var.origin_secret
  log_bucket_domain_name = var.log_bucket_domain_name
  web_acl_arn            = var.web_acl_arn
  force_destroy          = true
  tags                   = local.tags
}

output "backup_bucket" {
  description = "Recovery__Stores__primary__Bucket of the worker."
  value       = module.storage.bucket
}

output "cdn_domain_name" {
  description = "What DNS records of domain_names point to."
  value       = module.cdn.domain_name
}
