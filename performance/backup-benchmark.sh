#!/usr/bin/env bash
# Full backup, restore, point-in-time restore and what clients feel of a backup, beside pg_basebackup and pgBackRest: the same cluster, the same
# run, in turns.
#   performance/backup-benchmark.sh [pgbench scale, 60] [rounds, 3] [MiB of WAL to replay, 640] [seconds of clients, 20]
# Needs root, PostgreSQL 15 with pgbench, pgbackrest and zstd: apt-get install -y postgresql-15 pgbackrest zstd
set -euo pipefail
scale=${1:-60} rounds=${2:-3} wal=${3:-640} seconds=${4:-20}
here=$(cd "$(dirname "$0")/.." && pwd)
bin=${RWA_POSTGRES_BIN:-/usr/lib/postgresql/15/bin}
work=$(mktemp -d /tmp/backup-benchmark.XXXXXX)
port=5598
chmod 755 "$work"

as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
sql() { as_postgres "$bin/psql" -h "$work/run" -p "${2:-$port}" -U postgres -Atqc "$1"; }
stop() { as_postgres "$bin/pg_ctl" -D "$1" -m immediate -w stop >/dev/null 2>&1 || true; }
finish() {
  [ -z "${service:-}" ] || kill "$service" 2>/dev/null || true
  for data in "$work"/pg "$work"/restored-*; do [ -f "$data/postmaster.pid" ] && stop "$data"; done
  rm -rf "$work"
}
trap finish EXIT

# As the image is made: compiled ahead. RWA_WORKER names one that was published so already.
worker=${RWA_WORKER:-$work/worker/CardanoRwa.Worker}
[ -n "${RWA_WORKER:-}" ] || dotnet publish "$here/CardanoRwa.Worker" -c Release -r linux-x64 --self-contained false -o "$work/worker" -v quiet -clp:NoSummary >&2

mkdir "$work/run" "$work/archive" "$work/repo" "$work/log" "$work/tmp" "$work/tar"
cat >"$work/pgbackrest.conf" <<C
[global]
repo1-path=$work/repo
log-path=$work/log
lock-path=$work/tmp
spool-path=$work/tmp
process-max=2
compress-type=zst
compress-level=3
start-fast=y
log-level-console=error
[b]
pg1-path=$work/pg
pg1-port=$port
pg1-socket-path=$work/run
C
chown -R postgres "$work"
backrest() { setpriv --reuid=postgres --regid=postgres --clear-groups pgbackrest --config="$work/pgbackrest.conf" --stanza=b "$@"; }
as_postgres "$bin/initdb" -D "$work/pg" -U postgres --auth=trust -k --no-sync >/dev/null
cat >>"$work/pg/postgresql.conf" <<C
port=$port
listen_addresses='127.0.0.1'
unix_socket_directories='$work/run'
shared_buffers=512MB
max_wal_size=4GB
max_wal_senders=10
archive_mode=on
archive_command='test -f $work/no-archive || (cp %p $work/archive/%f && pgbackrest --config=$work/pgbackrest.conf --stanza=b archive-push %p)'
C
touch "$work/no-archive"
as_postgres "$bin/pg_ctl" -D "$work/pg" -l "$work/log/pg.log" -w start >/dev/null
as_postgres pgbench -h "$work/run" -p "$port" -U postgres -i -q -s "$scale" postgres >/dev/null 2>&1
sql CHECKPOINT
rm "$work/no-archive"
backrest stanza-create

export DOTNET_ENVIRONMENT=Production
export Recovery__Stores__main__Kind=folder Recovery__Stores__main__Path="$work/store" Recovery__Stores__main__Create=true
export Recovery__IdentityFile="$work/identity"
export Recovery__Source="Host=$work/run;Port=$port;Username=postgres;Database=postgres"
"$worker" keys new --file "$work/identity" >/dev/null

measure() { # label, command...: appends the seconds it took to the label's file, and keeps the largest resident set
  local label=$1 start end
  shift
  start=$(date +%s.%N)
  /usr/bin/time -f %M -o "$work/rss" "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
  end=$(date +%s.%N)
  echo "$end - $start" | bc >>"$work/times-$label"
  tail -1 "$work/rss" >>"$work/rss-$label"
}
median() { sort -n "$work/$1" | awk '{v[NR]=$1} END {print v[int((NR+1)/2)]}'; }
percentile() { # label, hundredths: milliseconds of a transaction, from pgbench's logs
  cat "$work/latency-$1".* | awk '{print $3}' | sort -n | awk -v p="$2" '{v[NR] = $1} END {printf "%.2f", v[int((NR - 1) * p / 100) + 1] / 1000}'
}
row() { # title, our label, other labels...
  local ours title=$1 own=$2 label
  ours=$(median "times-$own")
  shift 2
  for label in "$@"; do
    awk -v t="$title" -v n="$label" -v a="$ours" -v b="$(median "times-$label")" 'BEGIN {printf "| %s | %.2f | %s | %.2f | %.2f |\n", t, a, n, b, a / b}'
  done
}

tarred() { rm -rf "${work:?}/tar"; as_postgres pg_basebackup -h "$work/run" -p $port -U postgres -D "$work/tar" -Ft -Z server-zstd:level=3,workers=2 -X stream -c fast; }
ready() { # data, port: until it takes writes
  until [ "$(sql 'SELECT pg_is_in_recovery()' "$2" 2>/dev/null)" = f ]; do sleep 0.02; done
}
start_restored() { # data, settings...
  local data=$1
  shift
  as_postgres "$bin/pg_ctl" -D "$data" -l "$work/log/restored.log" -W -o "-p 5597 -c archive_mode=off $*" start >/dev/null
  ready "$data" 5597
}
untar() { # data
  install -d -m 700 -o postgres "$1"
  as_postgres sh -c "zstd -dc $work/tar/base.tar.zst | tar x -C $1"
  as_postgres tar xf "$work/tar/pg_wal.tar" -C "$1/pg_wal" 2>/dev/null || as_postgres sh -c "zstd -dc $work/tar/pg_wal.tar.zst | tar x -C $1/pg_wal"
}
restore_ours() { "$worker" restore --target "$work/restored-ours" --postgres "$bin" --start 5597 "$@"; }
restore_tar() { untar "$work/restored-tar"; sync -f "$work"; start_restored "$work/restored-tar"; }
restore_backrest() {
  install -d -m 700 -o postgres "$work/restored-backrest"
  backrest --pg1-path="$work/restored-backrest" "$@" restore
  start_restored "$work/restored-backrest"
}
# To $target, a time.
restore_ours_to() { restore_ours --to "$target"; }
restore_backrest_to() { restore_backrest --type=time --target="$target" --target-action=promote; }
restore_tar_to() {
  untar "$work/restored-tar"
  as_postgres touch "$work/restored-tar/recovery.signal"
  sync -f "$work"
  start_restored "$work/restored-tar" "-c restore_command='cp $work/archive/%f %p' -c recovery_target_time='$target' -c recovery_target_action=promote"
}
clients() { # label, command that backs up again and again meanwhile...
  local label=$1 repeating=
  shift
  if [ $# -gt 0 ]; then
    (while true; do "$@" >/dev/null 2>&1 || exit; done) &
    repeating=$!
  fi
  (cd "$work" && as_postgres "$bin/pgbench" -h "$work/run" -p "$port" -U postgres -n -c 4 -j 2 -T "$seconds" --log --log-prefix="$work/latency-$label" postgres >/dev/null 2>&1)
  if [ -n "$repeating" ]; then
    kill "$repeating" 2>/dev/null || true
    wait "$repeating" 2>/dev/null || true
  fi
}
drop() { stop "$1"; rm -rf "${1:?}" "$1.log"; }
export -f tarred ready start_restored untar restore_ours restore_tar restore_tar_to restore_backrest restore_ours_to restore_backrest_to as_postgres sql stop backrest
export work bin port worker

sql 'CREATE TABLE measured(label text, at timestamptz)'
for _ in $(seq "$rounds"); do
  measure backup-ours "$worker" backup now
  measure backup-over-sql env Recovery__ReadFilesHere=false "$worker" backup now
  measure backup-pg_basebackup bash -c tarred
  measure backup-pgbackrest bash -c 'backrest --type=full backup'
done
for _ in $(seq "$rounds"); do
  measure restore-ours bash -c 'restore_ours --to backup'; drop "$work/restored-ours"
  measure restore-zstd-tar bash -c restore_tar; drop "$work/restored-tar"
  measure restore-pgbackrest bash -c 'restore_backrest --type=immediate --target-action=promote'; drop "$work/restored-backrest"
done

# The worker as a service, for its WAL receiver; the registry's own tables go into a database apart.
sql 'CREATE DATABASE registry'
Recovery__Archiving__BaseInterval=1.00:00:00 Recovery__Archiving__LeastStores=1 Recovery__Wal__SpoolPath="$work/spool" ASPNETCORE_URLS=http://127.0.0.1:5596 \
  ConnectionStrings__rwadb="Host=127.0.0.1;Port=$port;Username=postgres;Database=registry" ConnectionStrings__cache=127.0.0.1:5595,abortConnect=false \
  "$worker" >"$work/log/worker" 2>&1 &
service=$!
until [ "$(sql "SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'rwa_wal' AND active")" = 1 ]; do
  kill -0 "$service" 2>/dev/null || { tail -20 "$work/log/worker" >&2; exit 1; }
  sleep 0.5
done
"$worker" backup now >/dev/null
tarred >/dev/null 2>&1
backrest --type=full backup >/dev/null
sql 'CREATE TABLE wal_maker(filler text)'
from=$(sql 'SELECT pg_current_wal_insert_lsn()')
while [ "$(sql "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '$from') < $wal * 1048576.0")" = t ]; do
  sql "INSERT INTO wal_maker SELECT md5(i::text) || md5((-i)::text) FROM generate_series(1, 60000) i"
done
target=$(sql 'SELECT clock_timestamp()')
export target
sleep 0.1
end=$(sql 'INSERT INTO wal_maker VALUES (NULL); SELECT pg_current_wal_insert_lsn()')
segment=$(sql 'SELECT pg_walfile_name(pg_switch_wal())')
until [ "$(sql "SELECT last_archived_wal >= '$segment' FROM pg_stat_archiver")" = t ]; do sleep 0.2; done
until [ "$(sql "SELECT flush_lsn >= '$end' FROM pg_stat_replication WHERE application_name = 'rwa_wal'")" = t ]; do sleep 0.2; done
sleep 12 # a beat of the receiver, so that the time is reachable
for _ in $(seq "$rounds"); do
  measure pitr-ours bash -c restore_ours_to; drop "$work/restored-ours"
  measure pitr-tar bash -c restore_tar_to; drop "$work/restored-tar"
  measure pitr-pgbackrest bash -c restore_backrest_to; drop "$work/restored-backrest"
done

clients alone
clients ours "$worker" backup now
clients pg_basebackup bash -c tarred
clients pgbackrest bash -c 'backrest --type=full backup'
memory=$(awk '/VmHWM/ {print $2}' "/proc/$service/status")

echo "| what | ours s | beside | s | ratio |"
echo "|---|---|---|---|---|"
row "full backup" backup-ours backup-pg_basebackup backup-pgbackrest
row "full backup over connections alone" backup-over-sql backup-pg_basebackup backup-pgbackrest
row "restore to ready" restore-ours restore-zstd-tar restore-pgbackrest
row "point in time, $wal MiB of WAL" pitr-ours pitr-tar pitr-pgbackrest
echo
echo "| clients while | p50 ms | p99 ms |"
echo "|---|---|---|"
for label in alone ours pg_basebackup pgbackrest; do
  echo "| $label | $(percentile "$label" 50) | $(percentile "$label" 99) |"
done
echo
echo "Peak resident set of the worker that receives WAL: $memory kB."
echo "Peak resident set of our backup: $(sort -n "$work/rss-backup-ours" | tail -1) kB; of our restore: $(sort -n "$work/rss-restore-ours" | tail -1) kB."
