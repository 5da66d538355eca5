#!/usr/bin/env bash
# Beside what one would take instead: Directus, Platformatic DB and a plain EF Core minimal API, over the same table, asked in turns.
#   performance/peers/peers.sh [path without ending for the result, such as performance/results/peers-2026-01-01]
# Needs PostgreSQL, curl, node 20 or later with npm. The two servers are installed by npm into a temporary folder, in the versions below (minutes);
# PEERS_FOLDER is one that is kept.
set -euo pipefail
cd "$(dirname "$0")/../.."
directus_version=11.1.0 platformatic_version=2.61.0
# shellcheck source=performance/scratch.sh
. performance/scratch.sh
build "$here" CardanoRwa.Api CardanoRwa.Worker CardanoRwa.LoadTest performance/peers/PlainApi
worker_assembly=$(built "$here" CardanoRwa.Worker)
installed=${PEERS_FOLDER:-$work}
install() { # folder, package: once
  [ -d "$installed/$1/node_modules" ] || npm install --prefix "$installed/$1" --no-audit --no-fund --no-package-lock --loglevel=error "$2" >&2
}
install directus "directus@$directus_version"
install platformatic "@platformatic/db@$platformatic_version"

start_postgres -c max_connections=200
make_registry
port=$(free_port)
api CardanoRwa "$(built "$here" CardanoRwa.Api)" "$port"
at=("CardanoRwa=http://127.0.0.1:$port")
import_sales "$port"
asset=$(sql 'SELECT id FROM assets LIMIT 1')

port=$(free_port)
service PlainApi env ConnectionStrings__rwadb="$database" ASPNETCORE_URLS="http://127.0.0.1:$port" dotnet "$(built "$here" PlainApi)"
ready PlainApi "http://127.0.0.1:$port/api/assets/$asset"
at+=("PlainApi=http://127.0.0.1:$port")

DIRECTUS_TOKEN=$(head -c 24 /dev/urandom | base64 | tr -d '+/=')
export DIRECTUS_TOKEN
port=$(free_port)
directus() { # verb
  cd "$installed/directus" || return
  exec env DB_CLIENT=pg DB_HOST=127.0.0.1 DB_PORT="$pg_port" DB_DATABASE=cardano_rwa DB_USER=postgres DB_PASSWORD=none \
    SECRET="$DIRECTUS_TOKEN" ADMIN_EMAIL=admin@example.com ADMIN_PASSWORD="$DIRECTUS_TOKEN" ADMIN_TOKEN="$DIRECTUS_TOKEN" \
    HOST=127.0.0.1 PORT="$port" PUBLIC_URL="http://127.0.0.1:$port" NODE_ENV=production TELEMETRY=false RATE_LIMITER_ENABLED=false LOG_LEVEL=warn \
    node node_modules/directus/cli.js "$1"
}
(directus bootstrap) >"$work/bootstrap.log" 2>&1 || { tail -20 "$work/bootstrap.log" >&2; exit 1; }
service Directus directus start
ready Directus "http://127.0.0.1:$port/items/assets/$asset?fields=id" -H "Authorization: Bearer $DIRECTUS_TOKEN"
at+=("Directus=http://127.0.0.1:$port")

port=$(free_port)
mkdir "$work/platformatic"
cat >"$work/platformatic/platformatic.json" <<C
{
  "\$schema": "https://schemas.platformatic.dev/@platformatic/db/$platformatic_version.json",
  "server": { "hostname": "127.0.0.1", "port": $port, "logger": { "level": "warn" } },
  "db": { "connectionString": "postgres://postgres@127.0.0.1:$pg_port/cardano_rwa", "openapi": true, "graphql": false, "include": { "assets": true }, "poolSize": 20 }
}
C
platformatic() { cd "$work/platformatic" && exec node "$installed/platformatic/node_modules/@platformatic/db/db.mjs" start; }
service Platformatic platformatic
ready Platformatic "http://127.0.0.1:$port/assets/$asset"
at+=("Platformatic=http://127.0.0.1:$port")

loadtest contest performance/peers/peers.json --at "${at[@]}" --rounds "${PEERS_ROUNDS:-7}" ${1:+--output "$1"}
