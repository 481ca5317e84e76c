"""The hot schema experiment of ADR-0002 on SQLite: which identity, which indexes, how many rows a commit.

Run: python3 bench/experiments/hot_schema_sqlite.py   (a temporary file; WAL, synchronous NORMAL, set-based through json_each)
"""
import hashlib, json, os, sqlite3, tempfile, time

ROWS = 300_000
rows = [(n, hashlib.md5(b"v%d" % n).hexdigest(), (hashlib.md5(b"v%d" % n).hexdigest() + f".example{n % 977}.com") if n % 3 == 0 else hashlib.sha256(b"%d" % n).hexdigest()) for n in range(ROWS)]

ITEMS = """submission INTEGER NOT NULL, ordinal INTEGER NOT NULL, indicator {key} NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL,
  verdict INTEGER NOT NULL, confidence INTEGER NOT NULL, line INTEGER NOT NULL, raw TEXT, port INTEGER, depth INTEGER NOT NULL, reasons TEXT, PRIMARY KEY (submission, ordinal)"""

def run(identity, extra, chunk):
    path = tempfile.mktemp(suffix=".db")
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL"); db.execute("PRAGMA synchronous=NORMAL"); db.execute("PRAGMA cache_size=-65536")
    if identity == "blob":
        db.execute("CREATE TABLE indicators (id BLOB PRIMARY KEY, kind INTEGER NOT NULL, value TEXT NOT NULL, first_seen INTEGER NOT NULL) WITHOUT ROWID")
        db.execute(f"CREATE TABLE items ({ITEMS.format(key='BLOB')}) WITHOUT ROWID")
    elif identity == "blob-rowid":
        db.execute("CREATE TABLE indicators (id BLOB PRIMARY KEY, kind INTEGER NOT NULL, value TEXT NOT NULL, first_seen INTEGER NOT NULL)")
        db.execute(f"CREATE TABLE items ({ITEMS.format(key='BLOB')}) WITHOUT ROWID")
    else:
        db.execute("CREATE TABLE indicators (rowid INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kind INTEGER NOT NULL, value TEXT NOT NULL, first_seen INTEGER NOT NULL)")
        db.execute(f"CREATE TABLE items ({ITEMS.format(key='INTEGER')}) WITHOUT ROWID")
    db.execute("CREATE UNIQUE INDEX a ON items (indicator, submission)")
    db.execute("CREATE INDEX b ON items (submission, verdict, ordinal) WHERE verdict <> 0")
    db.execute("CREATE INDEX c ON items (submission, ordinal) WHERE state < 4")
    if "search" in extra:
        db.execute("CREATE INDEX d ON indicators (value)")
        db.execute("CREATE INDEX e ON indicators (suffix) " if False else "CREATE INDEX e ON indicators (substr(value, -20)) WHERE kind IN (5, 7)")
    payloads = [json.dumps([[n, key, value] for n, key, value in rows[at:at + chunk]]) for at in range(0, ROWS, chunk)]
    started = time.perf_counter()
    for payload in payloads:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO indicators (id, kind, value, first_seen) SELECT unhex(value->>1), 5, value->>2, 1 FROM json_each(?) WHERE true ORDER BY 1 ON CONFLICT DO NOTHING" if HEX else "INSERT INTO indicators (id, kind, value, first_seen) SELECT value->>1, 5, value->>2, 1 FROM json_each(?) WHERE true ORDER BY 1 ON CONFLICT DO NOTHING", (payload,))
        if identity == "integer":
            db.execute(f"INSERT INTO items SELECT 1, j.value->>0, i.rowid, 5, 4, (j.value->>0) % 10 = 0, 0, j.value->>0, NULL, NULL, 0, NULL FROM json_each(?) j JOIN indicators i ON i.id = {'unhex(j.value->>1)' if HEX else 'j.value->>1'}", (payload,))
        else:
            db.execute(f"INSERT INTO items SELECT 1, value->>0, {'unhex(value->>1)' if HEX else 'value->>1'}, 5, 4, (value->>0) % 10 = 0, 0, value->>0, NULL, NULL, 0, NULL FROM json_each(?)", (payload,))
        db.execute("COMMIT")
    spent = time.perf_counter() - started
    print(f"{identity:<10} {extra:<12} chunk {chunk:>5} : {ROWS / spent:>8.0f} rows/s, {os.path.getsize(path) >> 20} MiB", flush=True)
    os.unlink(path)

HEX = sqlite3.sqlite_version_info >= (3, 41)
print("SQLite", sqlite3.sqlite_version, "ids as", "16-byte blobs" if HEX else "hex text (no unhex here)")
for case in [("integer", "lean", 1000), ("blob", "lean", 1000), ("blob-rowid", "lean", 1000), ("blob", "lean", 4000), ("blob", "lean", 10000), ("blob", "lean+search", 4000), ("integer", "lean+search", 4000)]:
    run(*case)
