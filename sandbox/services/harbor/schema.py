"""Tables. Ids are never used again, so that what is deleted cannot come back under a newer one's id."""

PROJECTS = """
CREATE TABLE IF NOT EXISTS projects(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, registry_id INTEGER,
    metadata TEXT NOT NULL, cve_allowlist TEXT NOT NULL, hard INTEGER NOT NULL, creation_time TEXT NOT NULL, update_time TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS robots(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
    project_id INTEGER REFERENCES projects(id) ON DELETE CASCADE, description TEXT NOT NULL, digest TEXT NOT NULL,
    duration INTEGER NOT NULL, expires_at INTEGER NOT NULL, disabled INTEGER NOT NULL, permissions TEXT NOT NULL,
    creation_time TEXT NOT NULL, update_time TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS registries(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, attributes TEXT NOT NULL,
    creation_time TEXT NOT NULL, update_time TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS immutable_rules(id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE, rule TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS configurations(name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

CONTENT = """
CREATE TABLE IF NOT EXISTS repositories(id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES projects(id),
    name TEXT NOT NULL UNIQUE, description TEXT NOT NULL DEFAULT '', pull_count INTEGER NOT NULL DEFAULT 0, creation_time TEXT NOT NULL,
    update_time TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS artifacts(id INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER NOT NULL REFERENCES repositories(id) ON DELETE CASCADE, digest TEXT NOT NULL, type TEXT NOT NULL,
    media_type TEXT NOT NULL, manifest_media_type TEXT NOT NULL, artifact_type TEXT NOT NULL, extra_attrs TEXT NOT NULL,
    body BLOB NOT NULL, push_time TEXT NOT NULL, pull_time TEXT NOT NULL, UNIQUE(repository_id, digest));
CREATE TABLE IF NOT EXISTS artifact_blobs(artifact_id INTEGER NOT NULL REFERENCES artifacts(id) ON DELETE CASCADE, digest TEXT NOT NULL,
    size INTEGER NOT NULL, PRIMARY KEY(artifact_id, digest)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tags(id INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER NOT NULL REFERENCES repositories(id) ON DELETE CASCADE,
    artifact_id INTEGER NOT NULL REFERENCES artifacts(id) ON DELETE CASCADE, name TEXT NOT NULL, push_time TEXT NOT NULL,
    pull_time TEXT NOT NULL, UNIQUE(repository_id, name));
CREATE TABLE IF NOT EXISTS reports(artifact_id INTEGER PRIMARY KEY REFERENCES artifacts(id) ON DELETE CASCADE, report_id TEXT NOT NULL,
    status TEXT NOT NULL, start_time TEXT NOT NULL, end_time TEXT NOT NULL, report TEXT NOT NULL, log TEXT NOT NULL);
"""

# What is begun at the registry and not yet known to be done: see pending.py.
PENDING = """
CREATE TABLE IF NOT EXISTS pending(id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, repository TEXT NOT NULL, digest TEXT NOT NULL,
    tag TEXT, media_type TEXT NOT NULL DEFAULT '', body BLOB NOT NULL DEFAULT x'');
"""

RETENTION = """
CREATE TABLE IF NOT EXISTS retentions(id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL UNIQUE REFERENCES projects(id) ON DELETE CASCADE, policy TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS executions(id INTEGER PRIMARY KEY AUTOINCREMENT,
    policy_id INTEGER NOT NULL REFERENCES retentions(id) ON DELETE CASCADE, dry_run INTEGER NOT NULL, status TEXT NOT NULL,
    start_time TEXT NOT NULL, end_time TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tasks(id INTEGER PRIMARY KEY AUTOINCREMENT,
    execution_id INTEGER NOT NULL REFERENCES executions(id) ON DELETE CASCADE, repository TEXT NOT NULL, total INTEGER NOT NULL,
    retained INTEGER NOT NULL, start_time TEXT NOT NULL, end_time TEXT NOT NULL, log TEXT NOT NULL);
"""

ALL = PROJECTS + CONTENT + PENDING + RETENTION
