# shellcheck shell=bash
# A platform of its own for the scripts beside it: Postgres, chain, Api and worker as processes in one temporary folder.
# Source it, then: platform_start; at the end, however it comes: platform_stop.
# Needs PostgreSQL 15 or newer with psql, curl and jq: apt-get install -y postgresql curl jq

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
for tool in psql curl jq dotnet; do
  command -v "$tool" >/dev/null || { echo "Missing: $tool. apt-get install -y postgresql curl jq; the SDK from https://dot.net" >&2; exit 1; }
done
pg_bin=${RWA_POSTGRES_BIN:-$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)}
[ -x "$pg_bin/initdb" ] || { echo "Missing: initdb. Set RWA_POSTGRES_BIN to the programs of PostgreSQL." >&2; exit 1; }

assembly() { find "$repository/artifacts" -path "*/bin/$1/*/$1.dll" -not -path '*/ref/*' -print -quit; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f", b - a }'; }
free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)) && (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo $port
}
# The server does not run as root.
as_postgres() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi; }
say() { printf '%s  %s\n' "$(date -u +%H:%M:%S)" "$*" >&2; }
fail() { say "FAILED: $*"; exit 1; }

platform_settings() {
  [ -n "$(assembly CardanoRwa.Worker)" ] || dotnet build "$repository/CardanoRwa.sln" -v quiet -clp:NoSummary >&2
  home=$(mktemp -d "${TMPDIR:-/tmp}/rwa-dr.XXXXXX")
  chmod 755 "$home"
  pg_port=$(free_port) api_port=$(free_port) worker_port=$(free_port) chain_port=$(free_port)
  api_url=http://127.0.0.1:$api_port chain_url=http://127.0.0.1:$chain_port
  mkdir -p "$home/log"
  password=$(head -c 18 /dev/urandom | base64 | tr -d '+/=')
  export PGPASSWORD=$password
  export ASPNETCORE_ENVIRONMENT=Development DOTNET_ENVIRONMENT=Development
  export ConnectionStrings__rwadb="Host=127.0.0.1;Port=$pg_port;Username=postgres;Password=$password;Database=rwa;Timeout=5"
  # No cache: everything works without one, only slower.
  export ConnectionStrings__cache=127.0.0.1:1
  export Recovery__DataFolder=$home/recovery Recovery__IdentityFile=$home/recovery/development-identity
  export Recovery__Stores__disk__Kind=folder Recovery__Stores__disk__Path=$home/stores/disk Recovery__Stores__disk__Create=true
  export Recovery__Stores__offsite__Kind=folder Recovery__Stores__offsite__Path=$home/stores/offsite Recovery__Stores__offsite__Create=true
  export Recovery__Archiving__Enabled=true Recovery__Wal__SpoolPath=$home/spool Recovery__Wal__BeatInterval=00:00:01
  export Recovery__Drills__ScratchPath=$home/scratch Recovery__Drills__ReserveMebibytes=64
  # The scripts drill themselves.
  export Recovery__Drills__RestoreTestInterval=31.00:00:00 Recovery__Drills__FullInterval=366.00:00:00
  export Evidence__Folder=$home/evidence
  export Chain__Url=$chain_url/api/v0 Chain__Faucet=$chain_url/devnet/faucet Ipfs__KuboUrl=$chain_url/api/v0
  export Minting__Mnemonic="abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art"
  export Minting__TtlSlots=60 RWA_POSTGRES_BIN=$pg_bin PATH=$pg_bin:$PATH
}

sql() { psql -h 127.0.0.1 -p "$pg_port" -U postgres -d "${2:-rwa}" -AtqX -v ON_ERROR_STOP=1 -c "$1"; }
ask() { curl --silent --show-error --fail-with-body --max-time 20 -H 'X-Api-Key: rwa-dev-key' -H 'Content-Type: application/json' "$@"; }
worker() { dotnet exec "$(assembly CardanoRwa.Worker)" "$@"; }

declare -A component=([api]=CardanoRwa.Api [worker]=CardanoRwa.Worker [chain]=CardanoRwa.DevNet)
# name, command...: runs it in the background and keeps its id in a file.
start() {
  local name=$1
  shift
  if [ -n "${component[$name]:-}" ]; then
    # Settings files lie beside the program.
    (cd "$(dirname "$(assembly "${component[$name]}")")" && exec "$@") >>"$home/log/$name.log" 2>&1 &
  else
    "$@" >>"$home/log/$name.log" 2>&1 &
  fi
  echo $! >"$home/$name.pid"
}
running() { [ -f "$home/$1.pid" ] && kill -0 "$(cat "$home/$1.pid")" 2>/dev/null; }
stop() { # name, signal
  running "$1" || return 0
  kill "-${2:-TERM}" "$(cat "$home/$1.pid")"
  # What a shell started it also reaps; a message about the death is of no use.
  wait "$(cat "$home/$1.pid")" 2>/dev/null || true
  rm -f "$home/$1.pid"
}
until_ok() { # seconds, command...
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}

postgres_start() { # data directory
  as_postgres "$pg_bin/pg_ctl" -D "$1" -l "$home/log/postgres.log" -W start -o "-p $pg_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=" >/dev/null
  until_ok 60 psql -h 127.0.0.1 -p "$pg_port" -U postgres -d postgres -Atc 'SELECT 1' || fail "Postgres did not start: $(tail -5 "$home/log/postgres.log")"
}
postgres_make() { # data directory
  echo "$password" >"$home/password"
  chmod 644 "$home/password"
  install -d -m 700 "$1"
  [ "$(id -u)" = 0 ] && { chown postgres "$1"; touch "$home/log/postgres.log"; chown postgres "$home/log/postgres.log" "$home/log"; }
  as_postgres "$pg_bin/initdb" -D "$1" -U postgres -k --auth=scram-sha-256 --pwfile="$home/password" --encoding=UTF8 --locale=C >/dev/null
  rm "$home/password"
  printf 'wal_level=replica\nmax_slot_wal_keep_size=8GB\nwal_compression=on\nshared_buffers=64MB\n' >>"$1/postgresql.conf"
}
# Every process of the server at once, without a word.
postgres_kill() { # data directory
  local postmaster
  postmaster=$(head -1 "$1/postmaster.pid")
  # shellcheck disable=SC2046 # several ids
  kill -9 "$postmaster" $(ps -o pid= --ppid "$postmaster") 2>/dev/null || true # one may have ended by itself
}
chain_start() { start chain env ASPNETCORE_URLS="$chain_url" DevNet__DataFolder="$home/chain" DevNet__BlockEveryMilliseconds=200 dotnet exec "$(assembly CardanoRwa.DevNet)"; until_ok 60 curl -sf "$chain_url/health" || fail "the chain did not start"; }
worker_start() { start worker env ASPNETCORE_URLS="http://127.0.0.1:$worker_port" dotnet exec "$(assembly CardanoRwa.Worker)"; }
worker_ready() { until_ok 90 curl -sf "http://127.0.0.1:$worker_port/health" || fail "the worker did not start: $(tail -5 "$home/log/worker.log")"; }
api_start() { start api env ASPNETCORE_URLS="$api_url" dotnet exec "$(assembly CardanoRwa.Api)"; }
api_ready() { until_ok 90 curl -sf "$api_url/health" || fail "the Api did not start: $(tail -5 "$home/log/api.log")"; }
backed_up() { worker backup list --json | jq -e '.backups | length > 0'; }

platform_start() {
  platform_settings
  say "A platform of its own in $home: Postgres $pg_port, Api $api_port, chain $chain_port."
  data=$home/data
  postgres_make "$data"
  postgres_start "$data"
  sql 'CREATE DATABASE rwa' postgres
  chain_start
  worker_start
  worker_ready
  api_start
  api_ready
  until_ok 90 backed_up || fail "no base backup was made: $(tail -5 "$home/log/worker.log")"
}

platform_stop() {
  [ -n "${home:-}" ] || return 0
  for name in api worker chain load; do stop "$name" KILL; done
  for pid in "$home"/*/postmaster.pid; do
    [ -f "$pid" ] && as_postgres "$pg_bin/pg_ctl" -D "$(dirname "$pid")" -m immediate -w stop >/dev/null 2>&1
  done
  if [ -n "${RWA_DR_KEEP:-}" ]; then say "Kept: $home"; else rm -rf "$home"; fi
}

# An asset with an approved record and a token; prints its id.
asset_with_token() { # name
  local id record
  id=$(ask -d "{\"name\":\"$1\",\"value\":1000}" "$api_url/api/v1/assets" | jq -r .id)
  record=$(ask -d '{"check":"title"}' "$api_url/api/v1/assets/$id/compliance-records" | jq -r .id)
  ask -d '{"decision":"approved","reason":"sound"}' "$api_url/api/v1/assets/$id/compliance-records/$record/decision" >/dev/null
  ask --retry 60 --retry-delay 1 --retry-all-errors -X PUT -d "{\"assetName\":\"$1\",\"displayName\":\"$1\",\"image\":\"ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy\"}" "$api_url/api/v1/assets/$id/token" >/dev/null
  echo "$id"
}
mint() { ask -H "Idempotency-Key: $2" -d '{"quantity":1}' "$api_url/api/v1/assets/$1/mints" | jq -r .id; } # asset, key
minted() { [ "$(ask "$api_url/api/v1/operations/$1" | jq -r .state)" = confirmed ]; }           # operation
