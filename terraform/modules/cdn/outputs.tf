output "distribution_id" {
  description = "For invalidations after an upload of HTML."
  value       = aws_cloudfront_distribution.main.id
}

output "domain_name" {
  description = "CloudFront's name of the distribution: what DNS records of domain_names point to."
  value       = aws_cloudfront_distribution.main.domain_name
}

output "hosted_zone_id" {
  description = "Zone of domain_name, for alias records."
  value       = aws_cloudfront_distribution.main.hosted_zone_id
}

output "assets_bucket" {
  description = "Where static files are put."
  value       = aws_s3_bucket.assets.id
}
