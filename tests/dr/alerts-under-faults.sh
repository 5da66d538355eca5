#!/usr/bin/env bash
# Which alerts fire while something is broken, and which stay silent: a Prometheus with the rules of k8s/prometheus scrapes the embedded graph while the
# load runner and mints load it and its parts are held one after the other.
#   tests/dr/alerts-under-faults.sh [FACTOR]   the report goes to standard output, in Markdown; exit 1 when an alert was missing or too many
# FACTOR (20) divides the rules' durations: 'for', windows, and the ages of minutes that they compare with. RWA_DR_KEEP=1 keeps the logs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/dr/platform.sh
. "$here/platform.sh"
command -v prometheus >/dev/null || { echo "Missing: prometheus. apt-get install -y prometheus" >&2; exit 1; }
factor=${1:-20}
failed=0

graph() { curl -sf "http://localhost:$dashboard_port/api/resources"; }
address() { graph | jq -re --arg name "$1" '.[] | select(.name == $name) | .urls[0].url | sub("localhost"; "127.0.0.1")'; }
process() { graph | jq -re --arg name "$1" '.[] | select(.name == $name) | .processId'; }
healthy() { graph | jq -e '[.[] | select(.name == "api" or .name == "worker") | .health == "Healthy"] | all and length == 2'; }

# With its children, as a database's connections are processes of their own.
# shellcheck disable=SC2046 # several ids
signal() { kill "-$1" "$2" $(ps -o pid= --ppid "$2") 2>/dev/null; }

graph_start() {
  dashboard_port=$(free_port)
  # Blocks fast enough for ages that are divided too.
  start graph env RWA_DATA_DIR="$home/graph" DevNet__BlockEveryMilliseconds=500 ASPNETCORE_URLS="http://localhost:$dashboard_port" \
    dotnet exec "$(assembly CardanoRwa.AppHost)" --DcpPublisher:RandomizePorts=true
  until_ok 180 healthy || fail "the graph did not start: $(tail -5 "$home/log/graph.log")"
  api_url=$(address api) worker_url=$(address worker)
}
graph_stop() {
  for part in postgres cache devnet api worker; do signal CONT "$(process "$part")" || true; done
  stop mints KILL
  stop load KILL
  stop prometheus
  stop graph
  platform_stop
}

# Every duration divided. Ages below 100 s stay: they are of a healthy system's own size.
rules() {
  perl -pe '
    BEGIN { $f = shift; %s = (s => 1, m => 60, h => 3600, d => 86400); sub d { my $t = $_[0] * $s{$_[1]} / $f; sprintf("%ds", $t < 1 ? 1 : $t) } }
    s/\[(\d+)([mhd])\]/"[" . d($1, $2) . "]"/ge;
    s/offset (\d+)([mhd])/"offset " . d($1, $2)/ge;
    s/^(\s+for: )(\d+)([smhd])/$1 . d($2, $3)/e;
    s/^(\s+interval: ).*/${1}1s/;
    s/(\d+)( \* api:requests_abandoned)/($1 \/ $f) . $2/ge;
    s/((?:rwa_mint_queue_oldest|rwa_chain_tip_age|rwa_wal_lag)_seconds[^>]*(?:> 0\) )?> ?)(\d{3,})/$1 . $2 \/ $f/ge;
  ' "$factor" "$repository/k8s/prometheus/slo-alerts.yml"
}
prometheus_start() {
  prometheus_url=http://127.0.0.1:$(free_port)
  mkdir "$home/prometheus"
  rules >"$home/prometheus/rules.yml"
  promtool check rules "$home/prometheus/rules.yml" >&2
  cat >"$home/prometheus/prometheus.yml" <<EOF
global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs:
  - { job_name: api, static_configs: [{ targets: ["${api_url#*://}"] }] }
  - { job_name: worker, static_configs: [{ targets: ["${worker_url#*://}"] }] }
EOF
  start prometheus prometheus --config.file="$home/prometheus/prometheus.yml" --storage.tsdb.path="$home/prometheus/data" --web.listen-address="${prometheus_url#*://}"
  until_ok 30 curl -sf "$prometheus_url/-/ready" || fail "Prometheus did not start: $(tail -5 "$home/log/prometheus.log")"
}
query() { curl -sfG "$prometheus_url/api/v1/query" --data-urlencode "query=$1"; }
alerts() { curl -sf "$prometheus_url/api/v1/alerts" | jq -r --arg state "$1" '.data.alerts[] | select(.state == $state) | .labels.alertname' | sort -u; }

mints() {
  local asset number=0
  asset=$(asset_with_token WATCHED)
  while :; do
    mint "$asset" "watched-$((number += 1))" >/dev/null 2>&1 || true # refused or unanswered while something is held
    sleep 2
  done
}
load_start() {
  start load env RWA_API_KEY=rwa-dev-key dotnet exec "$(assembly CardanoRwa.LoadTest)" run guide --address "$api_url" --scenario "$repository/tests/performance/scenario.json" --users 20 --seconds 3600
  start mints mints
}

# title, seconds, process to hold or '-', alerts that must fire, alerts that may; the word 'none' stands for no alert.
watch() {
  local title=$1 seconds=$2 held=$3 must=$4 may=$5 pid='' end seen='' pending='' first='' firing missing='' surplus='' name
  say "$title: $seconds s"
  if [ "$held" != - ]; then
    pid=$(process "$held")
    signal STOP "$pid"
  fi
  local began=$SECONDS
  end=$((SECONDS + seconds))
  while [ $SECONDS -lt $end ]; do
    firing=$(alerts firing)
    for name in $firing; do
      [[ " $seen " = *" $name "* ]] || { seen="$seen $name"; first="$first $name@$((SECONDS - began))s"; }
    done
    pending="$pending $(alerts pending | tr '\n' ' ')"
    sleep 0.5
  done
  [ -z "$pid" ] || signal CONT "$pid"
  for name in $must; do
    [ "$name" = none ] || [[ " $seen " = *" $name "* ]] || missing="$missing $name"
  done
  for name in $seen; do
    [[ " $must $may " = *" $name "* ]] || surplus="$surplus $name"
  done
  [ -z "$missing$surplus" ] || failed=1
  pending=$(tr ' ' '\n' <<<"$pending" | sort -u | grep -vxF "$(tr ' ' '\n' <<<"$seen")" | tr '\n' ' ' || true)
  echo "| $title | $seconds s | ${must// /, } | ${first:- nothing} | ${pending:- nothing} | $([ -z "$missing$surplus" ] && echo yes || echo "NO: missing${missing:- nothing}, too many${surplus:- nothing}") |"
}
silent() { ! alerts firing | grep -vxF "${slower// /$'\n'}" >/dev/null; }
quiet() { # seconds for the alerts to end; those of long windows stay
  local began=$SECONDS
  until_ok "$1" silent || true
  say "Silent again after $((SECONDS - began)) s, but for: $(alerts firing | tr '\n' ' ')"
}

panels() {
  echo '| panel | query | series | value |'
  echo '|---|---|---|---|'
  jq -r '.panels[] | select(.targets) | .title as $title | .targets[] | [$title, (.expr | gsub("\\$__rate_interval"; "1m"))] | @tsv' "$repository/k8s/grafana/slo-dashboard.json" |
    while IFS=$'\t' read -r title expression; do
      query "$expression" | jq -r --arg title "$title" --arg expression "$expression" \
        '.data.result | "| \($title) | `\($expression | gsub("\\|"; "\\|"))` | \(length) | \([.[0:3][].value[1] | if test("^[-+.e0-9]+$") then tonumber * 1000 | round / 1000 | tostring else . end] | join(", ")) |"'
    done
}

trap graph_stop EXIT
platform_settings
# The graph has its own database and cache; what it does not set is taken from here.
unset ConnectionStrings__rwadb ConnectionStrings__cache Chain__Url Chain__Faucet Ipfs__KuboUrl Minting__Mnemonic
graph_start
until_ok 120 sh -c "curl -sf $worker_url/metrics | grep -q '^rwa_backup_last_success_timestamp_seconds[^ ]* [1-9]'" || fail 'no base backup was made'
prometheus_start
load_start
# Every alert that has no cause here may fire in no phase.
availability='APIAvailabilityBelowSLO ErrorBudgetBurnsFast'
slower='ErrorBudgetBurns ErrorBudgetBurnsSlowly ErrorBudgetWillNotLast BackupsFail'
latency='APILatencyAboveSLO DatabaseLatencyAboveSLO MintLatencyAboveSLO MintConfirmationSlow ConnectionPoolNearlyFull'

echo "Factor $factor; $(git -C "$repository" describe --always --dirty), $(nproc) cores."
echo
echo '| what | for | must fire | fired, and when | pending only | as expected |'
echo '|---|---|---|---|---|---|'
watch 'Load and mints alone' 45 - none none
panels >"$home/panels.md"
watch 'Postgres held' 60 postgres "$availability" "$slower $latency WalLagHigh WalLagAboveRPO BackupsFail WalReceiverAbsent MintQueueStuck"
quiet 60
watch 'Cache held' 30 cache none "$slower"
watch 'Chain held' 80 devnet 'ChainBehind MintQueueStuck' "$slower $latency PinsFail"
quiet 60
watch 'Worker held' 35 worker WorkerDown "$slower ReplicaDown WalReceiverAbsent"
quiet 60
watch 'Api held' 30 api ApiDown "$slower ReplicaDown APIAvailabilityBelowSLO ErrorBudgetBurnsFast APILatencyAboveSLO"
quiet 60
watch 'Nothing held' 15 - none "$slower"
echo
echo "Each query of the dashboard after the first minute; what the cluster's exporters emit is empty here:"
echo
cat "$home/panels.md"
[ "$failed" -eq 0 ]
