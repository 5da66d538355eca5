#!/bin/sh
# Prometheus with the rules of this folder, beside a graph on this machine: API and WORKER are the addresses of its services. Arguments go to
# Prometheus. Runs in its image and as a program; the configuration with the addresses goes to the current folder.
set -eu
folder=$(cd "$(dirname "$0")" && pwd)
sed -e "s|localhost:5000|${API#*://}|" -e "s|localhost:5001|${WORKER#*://}|" -e "s|\[slo-alerts.yml\]|[$folder/slo-alerts.yml]|" "$folder/prometheus.yml" >prometheus.yml
exec prometheus --config.file=prometheus.yml "$@"
