variable "environment" {
  description = "Name of the environment, as in dev or prod; part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.environment))
    error_message = "Lower-case letters, digits and hyphens, 2 to 21 characters."
  }
}

variable "domain_names" {
  description = "Names that the distribution answers to. Empty: CloudFront's own name and certificate, for trying out only."
  type        = list(string)
  default     = []
}

variable "certificate_arn" {
  description = "ACM certificate of domain_names, in us-east-1. Needed with domain_names."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:us-east-1:", var.certificate_arn))
    error_message = "CloudFront takes certificates of us-east-1 only."
  }
}

variable "api_domain_name" {
  description = "Host name of the Api's origin (its ingress). Null: static files only."
  type        = string
  default     = null
}

variable "origin_secret" {
  description = "Sent to the Api's origin as X-Origin-Secret, so that the ingress can refuse whoever comes past the CDN."
  type        = string
  default     = null
  sensitive   = true
}

variable "log_bucket_domain_name" {
  description = "Bucket for access logs, as name.s3.amazonaws.com, with ACLs allowed. Null: no access logs."
  type        = string
  default     = null
}

variable "web_acl_arn" {
  description = "WAF web ACL (scope CLOUDFRONT) to put in front. Null: none."
  type        = string
  default     = null
}

variable "price_class" {
  description = "How many edge locations: PriceClass_100, PriceClass_200 or PriceClass_All."
  type        = string
  default     = "PriceClass_100"
}

variable "force_destroy" {
  description = "Whether destroy also deletes the bucket's files. Never in production."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
