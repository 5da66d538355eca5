-- Fills an EMPTY, throw-away registry for measurements: psql -v count=10000000 -f performance/seed-assets.sql DATABASE
-- Straight into the tables, past every rule and without audit rows; never for a registry that anyone means to keep.
\set ON_ERROR_STOP on
\timing on
SELECT count(*) = 0 AS empty FROM assets \gset
\if :empty
\else
  \echo 'The registry holds assets already: nothing was done.'
  \quit
\endif

SET synchronous_commit = off;
SET maintenance_work_mem = '1GB';
SET max_parallel_maintenance_workers = 2;

-- Indexes are made afterwards: several times faster than row by row.
CREATE TEMP TABLE saved AS
  SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
  FROM pg_index WHERE indrelid = 'assets'::regclass AND NOT indisprimary;
SELECT format('DROP INDEX %s', name) FROM saved \gexec

-- A minute apart, backwards from now, so that the ids (version 7) rise with time as real ones do.
INSERT INTO assets (id, external_id, name, kind, jurisdiction, description, value, currency, value_as_of, status, attributes, created_at, updated_at, version)
SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid,
       'seed-' || n, 'Parcel ' || n || ', district ' || n % 700,
       (ARRAY['real-estate', 'bond', 'invoice', 'art', 'other'])[1 + n % 5],
       (ARRAY['US-WA', 'CH-ZH', 'DE-BE', 'JP-13', NULL])[1 + n % 5],
       'A parcel that was made up for measurements.', 10000 + (n * 7919::bigint) % 2000000, 'USD', at::date,
       CASE WHEN n % 50 = 0 THEN 'retired' ELSE 'active' END,
       jsonb_build_object('zipcode', 98000 + n % 200, 'lot', n), at, at, 1
FROM (SELECT n, md5(n::text) AS h, date_trunc('minute', now()) - make_interval(secs => (:count - n) * 30) AS at FROM generate_series(1, :count) n) rows;

SELECT definition FROM saved \gexec
VACUUM (ANALYZE) assets;
SELECT count(*) AS assets, pg_size_pretty(pg_total_relation_size('assets')) AS size FROM assets;
