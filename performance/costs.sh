#!/usr/bin/env bash
# What starting costs, and what telemetry and authentication cost each request, all in one run.
#   performance/costs.sh [path without ending for the results: -costs and -start are added]
# Needs PostgreSQL, curl and node.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=performance/scratch.sh
. performance/scratch.sh
build "$here" CardanoRwa.Worker CardanoRwa.LoadTest
worker_assembly=$(built "$here" CardanoRwa.Worker)
# As the image is made.
dotnet publish CardanoRwa.Api -c Release -r linux-x64 --self-contained false -o "$work/api" -v quiet -clp:NoSummary -p:RunAnalyzers=false -p:GenerateDocumentationFile=false -p:EnforceCodeStyleInBuild=false >&2

start_postgres -c max_connections=200
make_registry
port=$(free_port)
api importer "$work/api/CardanoRwa.Api.dll" "$port"
import_sales "$port"
stop_services

export ConnectionStrings__rwadb="$database" ConnectionStrings__cache=127.0.0.1:9,abortConnect=false,connectTimeout=100
port=$(free_port)
for path in /alive /api/v1/assets; do
  ASPNETCORE_URLS="http://127.0.0.1:$port" loadtest start --address "http://127.0.0.1:$port" --path "$path" ${1:+--output "$1-start$(tr / - <<<"${path%/assets}").json"} -- "$work/api/CardanoRwa.Api"
done

authority=$(free_port)
service authority node performance/authority.mjs "$authority"
ready authority "http://127.0.0.1:$authority/keys"
RWA_TOKEN=$(head -1 "$work/authority.log")
export RWA_TOKEN
at=()
variant() { # name, settings...
  local name=$1 port
  port=$(free_port)
  shift
  api "$name" "$work/api/CardanoRwa.Api.dll" "$port" RateLimit__AnonymousRequestsPerSecond=1000000 "$@"
  at+=("$name=http://127.0.0.1:$port")
}
variant bare OTEL_SDK_DISABLED=true Auth__PublicReads=true
variant telemetry Auth__PublicReads=true
variant exported Auth__PublicReads=true OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:$authority" OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
variant key OTEL_SDK_DISABLED=true
# Development, because only there an authority may be without TLS.
variant token OTEL_SDK_DISABLED=true ASPNETCORE_ENVIRONMENT=Development Auth__Authority="http://127.0.0.1:$authority"
variant all
loadtest contest performance/costs.json --at "${at[@]}" ${1:+--output "$1-costs"}
