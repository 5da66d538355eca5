#!/usr/bin/env bash
# Writes the Kubernetes form of the rules from their only copy. With --check it changes nothing and fails when they differ.
set -euo pipefail
cd "$(dirname "$0")"
target=../base/monitoring/slo-alerts.yaml

rule() {
  cat <<'HEAD'
# Generated from k8s/prometheus/slo-alerts.yml by k8s/prometheus/generate.sh: change it there.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: cardano-rwa-slo
  labels:
    app.kubernetes.io/part-of: cardano-rwa
spec:
HEAD
  sed -e '/^$/!s/^/  /' slo-alerts.yml
}

if [ "${1:-}" = "--check" ]; then
  diff <(rule) "$target"
else
  mkdir -p "$(dirname "$target")"
  rule >"$target"
fi
