#!/usr/bin/env bash
# To be sourced by the measurements: a Postgres of their own, services on loopback, and an end that leaves nothing behind.
# shellcheck disable=SC2034
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d /tmp/rwa-measure.XXXXXX)
chmod 755 "$work"
services=()
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1 UseAspire=false
export ASPNETCORE_ENVIRONMENT=Production DOTNET_ENVIRONMENT=Production

postgres_bin() {
  local found
  for found in "${RWA_POSTGRES_BIN:-}" $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) "$(dirname "$(command -v initdb || true)")"; do
    [ -n "$found" ] && [ -x "$found/initdb" ] && echo "$found" && return
  done
  echo "Missing: PostgreSQL. Install it with: apt-get install -y postgresql, or set RWA_POSTGRES_BIN" >&2
  return 1
}
as_owner() { # the server refuses to run as root
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi
}
free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }

finish() {
  for pid in "${services[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${services[@]}"; do wait "$pid" 2>/dev/null || true; done
  if [ -f "$work/pg/postmaster.pid" ]; then as_owner "$bin/pg_ctl" -D "$work/pg" -m immediate -w stop >/dev/null 2>&1 || true; fi
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

start_postgres() { # settings... ; durable as in production: commits wait for the disk
  bin=$(postgres_bin)
  pg_port=$(free_port)
  mkdir -p "$work/run"
  [ "$(id -u)" != 0 ] || chown postgres "$work" "$work/run"
  as_owner "$bin/initdb" -D "$work/pg" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 -k --no-sync >/dev/null
  as_owner "$bin/pg_ctl" -D "$work/pg" -l "$work/pg.log" -w start \
    -o "-p $pg_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work/run -c shared_buffers=256MB -c max_wal_size=4GB -c wal_compression=on $*" >/dev/null
  database="Host=127.0.0.1;Port=$pg_port;Username=postgres;Database=cardano_rwa"
}
sql() { as_owner "$bin/psql" -h "$work/run" -p "$pg_port" -U postgres -d "${2:-cardano_rwa}" -Atqc "$1"; }

service() { # name, command...
  local name=$1
  shift
  "$@" >"$work/$name.log" 2>&1 &
  services+=($!)
}
stop_services() {
  for pid in "${services[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${services[@]}"; do wait "$pid" 2>/dev/null || true; done
  services=()
}
ready() { # name, url, header...
  local name=$1 url=$2 left=600
  shift 2
  until curl --silent --fail --max-time 5 --output /dev/null "$@" "$url"; do
    left=$((left - 1))
    if [ "$left" = 0 ] || ! kill -0 "${services[-1]}" 2>/dev/null; then
      echo "$name did not start:" >&2
      tail -30 "$work/$name.log" >&2
      exit 1
    fi
    sleep 0.2
  done
}

build() { # source tree, projects... : Release, without what only judges the sources
  local tree=$1 project
  shift
  for project in "$@"; do
    dotnet build "$tree/$project" -c Release -v quiet -clp:NoSummary -p:RunAnalyzers=false -p:GenerateDocumentationFile=false -p:EnforceCodeStyleInBuild=false >&2
  done
}
built() { echo "$1/artifacts/embedded/bin/$(basename "$2")/release/$(basename "$2").dll"; } # source tree, project

# The Api as in production, without Redis: its key, and limits that do not end a measurement.
api() { # name, its assembly, port, settings...
  local name=$1 assembly=$2 port=$3
  shift 3
  service "$name" env ConnectionStrings__rwadb="$database;Application Name=$name" ConnectionStrings__cache=127.0.0.1:9,abortConnect=false,connectTimeout=100 \
    ASPNETCORE_URLS="http://127.0.0.1:$port" RateLimit__RequestsPerSecond=1000000 "$@" dotnet "$assembly"
  ready "$name" "http://127.0.0.1:$port/health"
}
worker() { # verb... ; its assembly stands in $worker_assembly
  ConnectionStrings__rwadb="$database" ConnectionStrings__cache=127.0.0.1:9,abortConnect=false dotnet "${worker_assembly:?}" "$@"
}

# Schema, a key in RWA_API_KEY; the sample's 21,597 sales come by import once an Api runs.
make_registry() {
  sql 'CREATE DATABASE cardano_rwa' postgres
  worker migrate >"$work/migrate.log" 2>&1 || { cat "$work/migrate.log" >&2; exit 1; }
  RWA_API_KEY=$(worker apikey create --name measurement --role admin 2>>"$work/migrate.log" | tail -1)
  export RWA_API_KEY
}
import_sales() { # port
  curl --silent --show-error --fail-with-body --max-time 300 --output /dev/null -H "X-Api-Key: $RWA_API_KEY" -H 'Content-Type: text/csv' --data-binary "@$here/samples/king-county-house-sales.csv" \
    "http://127.0.0.1:$1/api/v1/assets/import?externalId=%7Bid%7D&name=Parcel%20%7Bid%7D,%20%7Bzipcode%7D&value=%7Bprice%7D&currency=USD&jurisdiction=US-WA&kind=real-estate&asOf=%7Bdate%7D&asOfFormat=M/d/yyyy"
  sql 'VACUUM ANALYZE'
}
loadtest() { dotnet "$(built "$here" CardanoRwa.LoadTest)" "$@"; }
