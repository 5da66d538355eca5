output "bucket" {
  description = "Recovery__Stores__primary__Bucket of the worker."
  value       = aws_s3_bucket.backups.id
}

output "replica_bucket" {
  description = "The copy in the other region; for restores when the first region is lost."
  value       = aws_s3_bucket.replica.id
}

output "worker_policy_arn" {
  description = "For the role or user that the worker is."
  value       = aws_iam_policy.worker.arn
}

output "restore_policy_arn" {
  description = "For whoever restores from the copy."
  value       = aws_iam_policy.restore.arn
}
