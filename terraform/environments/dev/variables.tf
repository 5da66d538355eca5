variable "region" {
  description = "Where the platform runs."
  type        = string
  default     = "eu-west-1"
}

variable "replica_region" {
  description = "Where backups are copied to: another region than the platform's."
  type        = string
  default     = "eu-central-1"
}

variable "domain_names" {
  description = "Names of the site, as in [\"rwa.example.org\"]. Empty: CloudFront's own."
  type        = list(string)
  default     = []
}

variable "certificate_arn" {
  description = "Certificate of domain_names, in us-east-1."
  type        = string
  default     = null
}

variable "api_domain_name" {
  description = "Host name of the Api's ingress. Null: static files only."
  type        = string
  default     = null
}

variable "origin_secret" {
  description = "TF_VAR_origin_secret; the ingress refuses requests without it."
  type        = string
  default     = null
  sensitive   = true
}

variable "log_bucket_domain_name" {
  description = "Bucket of access logs, as name.s3.amazonaws.com."
  type        = string
  default     = null
}

variable "web_acl_arn" {
  description = "WAF web ACL of scope CLOUDFRONT."
  type        = string
  default     = null
}
