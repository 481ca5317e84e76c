-- The hot schema experiment of ADR-0002 on PostgreSQL: which identity, which indexes, how many rows a commit.
-- Run: psql -v ON_ERROR_STOP=1 -f bench/experiments/hot_schema.sql DATABASE   (makes and drops schema hot_schema)
\set QUIET on
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS hot_schema CASCADE; CREATE SCHEMA hot_schema; SET search_path = hot_schema;
CREATE UNLOGGED TABLE input AS
  SELECT n, md5('v' || n)::uuid AS id,
         CASE WHEN n % 3 = 0 THEN md5('v' || n) || '.example' || (n % 977) || '.com' ELSE md5(n::text) || md5('x' || n) END AS value
  FROM generate_series(1, 300000) n;
ALTER TABLE input ADD PRIMARY KEY (n); ANALYZE input;

CREATE PROCEDURE prepare(identity text, extra text) LANGUAGE plpgsql AS $$
BEGIN
  DROP TABLE IF EXISTS items; DROP TABLE IF EXISTS indicators;
  IF identity = 'serial' THEN
    CREATE TABLE indicators (id bigserial PRIMARY KEY, kind smallint NOT NULL, value text NOT NULL, first_seen bigint NOT NULL, UNIQUE (kind, value));
    CREATE TABLE items (submission bigint NOT NULL, ordinal int NOT NULL, indicator bigint NOT NULL REFERENCES indicators, kind smallint NOT NULL, state smallint NOT NULL,
      verdict smallint NOT NULL, confidence smallint NOT NULL, line int NOT NULL, raw text, port int, depth smallint NOT NULL, reasons text, PRIMARY KEY (submission, ordinal));
    CREATE INDEX ON items (indicator); CREATE INDEX ON items (submission, verdict); CREATE INDEX ON items (submission, state);
  ELSE
    CREATE TABLE indicators (id uuid PRIMARY KEY, kind smallint NOT NULL, value text NOT NULL, first_seen bigint NOT NULL);
    CREATE TABLE items (submission bigint NOT NULL, ordinal int NOT NULL, indicator uuid NOT NULL, kind smallint NOT NULL, state smallint NOT NULL,
      verdict smallint NOT NULL, confidence smallint NOT NULL, line int NOT NULL, raw text, port int, depth smallint NOT NULL, reasons text, PRIMARY KEY (submission, ordinal));
    CREATE UNIQUE INDEX ON items (indicator, submission);
    CREATE INDEX ON items (submission, verdict, ordinal) WHERE verdict <> 0;
    CREATE INDEX ON items (submission, ordinal) WHERE state < 4;
    IF extra LIKE '%fk%' THEN ALTER TABLE items ADD FOREIGN KEY (indicator) REFERENCES indicators; END IF;
    IF extra LIKE '%prefix%' THEN CREATE INDEX ON indicators (left(value, 64) text_pattern_ops); END IF;
    IF extra LIKE '%suffix%' THEN CREATE INDEX ON indicators (left(reverse(value), 64) text_pattern_ops) WHERE kind IN (5, 7); END IF;
    IF extra LIKE '%plain%' THEN CREATE INDEX ON items (submission, verdict); CREATE INDEX ON items (submission, state); CREATE INDEX ON items (submission, kind); END IF;
  END IF;
END $$;

CREATE PROCEDURE fill(identity text, extra text, chunk int) LANGUAGE plpgsql AS $$
DECLARE at int := 1; started timestamptz; spent float;
BEGIN
  CALL prepare(identity, extra); COMMIT;
  started := clock_timestamp();
  WHILE at <= 300000 LOOP
    IF identity = 'serial' THEN
      INSERT INTO indicators (kind, value, first_seen) SELECT 5, value, 1 FROM input WHERE n >= at AND n < at + chunk ORDER BY value ON CONFLICT DO NOTHING;
      INSERT INTO items SELECT 1, i.n, x.id, 5, 4, (i.n % 10 = 0)::int, 0, i.n, NULL, NULL, 0, NULL FROM input i JOIN indicators x ON x.kind = 5 AND x.value = i.value WHERE i.n >= at AND i.n < at + chunk;
    ELSE
      INSERT INTO indicators SELECT id, CASE WHEN n % 3 = 0 THEN 5 ELSE 10 END, value, 1 FROM input WHERE n >= at AND n < at + chunk ORDER BY id ON CONFLICT DO NOTHING;
      INSERT INTO items SELECT 1, n, id, 5, 4, (n % 10 = 0)::int, 0, n, NULL, NULL, 0, NULL FROM input WHERE n >= at AND n < at + chunk;
    END IF;
    COMMIT;
    at := at + chunk;
  END LOOP;
  spent := extract(epoch FROM clock_timestamp() - started);
  RAISE WARNING '% % chunk % : % rows/s', rpad(identity, 7), rpad(extra, 14), lpad(chunk::text, 5), round((300000 / spent)::numeric);
END $$;
SET client_min_messages = warning;
CHECKPOINT; CALL fill('serial', 'fk+plain', 1000);
CHECKPOINT; CALL fill('hash', 'fk', 1000);
CHECKPOINT; CALL fill('hash', 'plain', 1000);
CHECKPOINT; CALL fill('hash', 'lean', 100);
CHECKPOINT; CALL fill('hash', 'lean', 1000);
CHECKPOINT; CALL fill('hash', 'lean', 4000);
CHECKPOINT; CALL fill('hash', 'lean', 10000);
CHECKPOINT; CALL fill('hash', 'lean+prefix', 1000);
CHECKPOINT; CALL fill('hash', 'lean+suffix', 1000);
CHECKPOINT; CALL fill('hash', 'lean+prefix+suffix', 1000);
DROP SCHEMA hot_schema CASCADE;
