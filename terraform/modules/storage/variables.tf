variable "environment" {
  description = "Name of the environment, as in dev or prod; part of every name."
  type        = string
}

variable "backup_retention_days" {
  description = "How long an object of a backup cannot be deleted or replaced by anyone. Never longer than the platform's own retention (30 days), which deletes what is older."
  type        = number
  default     = 30

  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 90
    error_message = "1 to 90 days."
  }
}

variable "lock_mode" {
  description = "GOVERNANCE lets a person with a special permission undo a lock, COMPLIANCE lets nobody, not even the account's owner."
  type        = string
  default     = "GOVERNANCE"

  validation {
    condition     = contains(["GOVERNANCE", "COMPLIANCE"], var.lock_mode)
    error_message = "GOVERNANCE or COMPLIANCE."
  }
}

variable "force_destroy" {
  description = "Whether destroy also deletes what is stored. Never in production; locked objects stay in any case."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
