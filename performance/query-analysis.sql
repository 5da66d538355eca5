-- What the database says of its work. Run by `CardanoRwa.Worker db analyze`, which adds advice, or by hand:
--   psql "$DATABASE" -f performance/query-analysis.sql
-- Each statement follows a line '-- name: what it tells'. Nothing is changed: the guide's EXPLAIN ANALYZE runs a SELECT.
-- Against the guide: pg_stat_user_indexes has relname and indexrelname, not tablename and indexname; states count clients only.

-- slow-statements: statements that take longest on average, of this database; those EXPLAIN can look at, not VACUUM or CREATE DATABASE
SELECT queryid::text AS id, left(regexp_replace(query, '\s+', ' ', 'g'), 200) AS query, calls,
       round(mean_exec_time::numeric, 3) AS avg_ms, round(max_exec_time::numeric, 3) AS max_ms, round(total_exec_time::numeric, 1) AS total_ms,
       round(100.0 * shared_blks_hit / nullif(shared_blks_hit + shared_blks_read, 0), 1) AS cache_hit_percent, temp_blks_written
FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND toplevel
  AND query ~* '^(\s|\(|/\*.*?\*/|--[^\n]*\n)*(select|insert|update|delete|merge|with|values|table|execute)\M'
ORDER BY mean_exec_time DESC
LIMIT 10;

-- busy-statements: statements that take most of the time in all
SELECT queryid::text AS id, left(regexp_replace(query, '\s+', ' ', 'g'), 200) AS query, calls,
       round(mean_exec_time::numeric, 3) AS avg_ms, round(total_exec_time::numeric, 1) AS total_ms,
       round((100 * total_exec_time / nullif(sum(total_exec_time) OVER (), 0))::numeric, 1) AS percent
FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND toplevel
ORDER BY total_exec_time DESC
LIMIT 10;

-- index-use: how often each index was used
SELECT s.schemaname, s.relname AS table_name, s.indexrelname AS index_name, s.idx_scan, s.idx_tup_read, s.idx_tup_fetch,
       pg_relation_size(s.indexrelid) AS bytes
FROM pg_stat_user_indexes s
ORDER BY s.idx_scan DESC, bytes DESC;

-- unused-indexes: never used since the counters began, and no constraint needs them
SELECT s.relname AS table_name, s.indexrelname AS index_name, pg_relation_size(s.indexrelid) AS bytes,
       (SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()) AS counted_since
FROM pg_stat_user_indexes s
JOIN pg_index i ON i.indexrelid = s.indexrelid
WHERE s.idx_scan = 0 AND NOT i.indisunique AND NOT i.indisprimary
  AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = s.indexrelid)
ORDER BY bytes DESC;

-- sequential-scans: large tables that are read from end to end more often than by an index
SELECT relname AS table_name, n_live_tup AS rows, seq_scan, seq_tup_read, coalesce(idx_scan, 0) AS idx_scan
FROM pg_stat_user_tables
WHERE n_live_tup > 10000 AND seq_scan > coalesce(idx_scan, 0) AND seq_scan > 10
ORDER BY seq_tup_read DESC;

-- unindexed-foreign-keys: deleting or changing the other side reads the whole table
SELECT c.conrelid::regclass::text AS table_name, c.conname AS constraint_name,
       (SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k(num, n) JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num) AS columns
FROM pg_constraint c
WHERE c.contype = 'f'
  AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)
ORDER BY 1, 2;

-- bloat: dead rows that wait for vacuum
SELECT relname AS table_name, n_live_tup AS live, n_dead_tup AS dead, round(100.0 * n_dead_tup / nullif(n_live_tup + n_dead_tup, 0), 1) AS dead_percent,
       greatest(last_vacuum, last_autovacuum) AS vacuumed, greatest(last_analyze, last_autoanalyze) AS analyzed
FROM pg_stat_user_tables
WHERE n_live_tup + n_dead_tup > 1000
ORDER BY n_dead_tup DESC
LIMIT 20;

-- connections: what clients do, beside how many there may be
SELECT coalesce(state, 'none') AS state, count(*) AS connections, coalesce(max(extract(epoch FROM now() - state_change)), 0)::int AS longest_seconds,
       current_setting('max_connections')::int AS allowed
FROM pg_stat_activity
WHERE backend_type = 'client backend'
GROUP BY state
ORDER BY connections DESC;

-- transactions: open for more than a minute; they hold back vacuum
SELECT pid, usename, application_name, state, extract(epoch FROM now() - xact_start)::int AS seconds, left(regexp_replace(query, '\s+', ' ', 'g'), 120) AS query
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND xact_start < now() - interval '1 minute' AND pid <> pg_backend_pid()
ORDER BY xact_start;

-- cache: how much of what was read lay in memory
SELECT round(100.0 * blks_hit / nullif(blks_hit + blks_read, 0), 2) AS hit_percent, blks_read, deadlocks, temp_files, temp_bytes
FROM pg_stat_database
WHERE datname = current_database();

-- recent-assets: the guide's query and its plan
EXPLAIN (ANALYZE, BUFFERS)
SELECT a.id, a.name, a.value, c.status
FROM assets a
LEFT JOIN compliance_records c ON a.id = c.asset_id
WHERE a.created_at > now() - interval '30 days'
ORDER BY a.created_at DESC
LIMIT 100;
