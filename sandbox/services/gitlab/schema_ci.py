"""The tables of commit statuses, environments and deployments."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS commit_statuses (
    id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE, pipeline_id INTEGER NOT NULL,
    author_id INTEGER NOT NULL, sha TEXT NOT NULL, ref TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL, target_url TEXT,
    description TEXT, coverage REAL, created_at TEXT NOT NULL, started_at TEXT, finished_at TEXT);
CREATE INDEX IF NOT EXISTS commit_statuses_of ON commit_statuses (project_id, sha);
CREATE TABLE IF NOT EXISTS pipelines (
    id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
    sha TEXT NOT NULL, ref TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE (project_id, sha, ref));
CREATE TABLE IF NOT EXISTS environments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE, name TEXT NOT NULL,
    slug TEXT NOT NULL, state TEXT NOT NULL, attributes TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    UNIQUE (project_id, name), UNIQUE (project_id, slug));
CREATE TABLE IF NOT EXISTS deployments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE, iid INTEGER NOT NULL,
    environment_id INTEGER NOT NULL REFERENCES environments ON DELETE CASCADE, user_id INTEGER NOT NULL, ref TEXT NOT NULL,
    sha TEXT NOT NULL, status TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, finished_at TEXT);
"""
