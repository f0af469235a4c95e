"""The tables of webhooks and of their deliveries."""

# A hook belongs to a project or to a group. `failures` counts failed deliveries in a row, `backoffs` how often that switched it off,
# `disabled_until` is Unix time, infinite for good.
COLUMNS = """
    id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER REFERENCES projects ON DELETE CASCADE, uuid TEXT NOT NULL,
    url TEXT NOT NULL, token TEXT, attributes TEXT NOT NULL, created_at TEXT NOT NULL,
    group_id INTEGER REFERENCES namespaces ON DELETE CASCADE, failures INTEGER NOT NULL DEFAULT 0,
    backoffs INTEGER NOT NULL DEFAULT 0, disabled_until REAL NOT NULL DEFAULT 0"""
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS hooks ({COLUMNS});
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, hook_id INTEGER NOT NULL REFERENCES hooks ON DELETE CASCADE, event TEXT NOT NULL,
    headers TEXT NOT NULL, payload TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due_at REAL,
    status TEXT, response_headers TEXT, response_body TEXT, duration REAL, created_at TEXT NOT NULL);
"""
# Data of before group hooks. Other tables refer to it by name, so they must not follow the renaming: https://sqlite.org/lang_altertable.html
WIDEN = f"""
PRAGMA foreign_keys=OFF; PRAGMA legacy_alter_table=ON; BEGIN;
CREATE TABLE wider ({COLUMNS});
INSERT INTO wider (id, project_id, uuid, url, token, attributes, created_at)
    SELECT id, project_id, uuid, url, token, attributes, created_at FROM hooks;
DROP TABLE hooks; ALTER TABLE wider RENAME TO hooks;
COMMIT; PRAGMA legacy_alter_table=OFF; PRAGMA foreign_keys=ON;
"""
