"""The tables of merge requests, their versions and notes, of comments on commits, and of forks."""

# A merge request belongs to its target project. `merging_sha` is what a merge by the API is about to move the target branch to.
SCHEMA = """
CREATE TABLE IF NOT EXISTS merge_requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE, iid INTEGER NOT NULL,
    source_project_id INTEGER REFERENCES projects ON DELETE SET NULL, source_branch TEXT NOT NULL, target_branch TEXT NOT NULL,
    title TEXT NOT NULL, description TEXT, state TEXT NOT NULL, author_id INTEGER NOT NULL, attributes TEXT NOT NULL,
    merge_user_id INTEGER, closed_by_id INTEGER, merging_sha TEXT, merge_commit_sha TEXT, squash_commit_sha TEXT,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, merged_at TEXT, closed_at TEXT, UNIQUE (project_id, iid));
CREATE UNIQUE INDEX IF NOT EXISTS merge_requests_open ON merge_requests
    (project_id, source_project_id, source_branch, target_branch) WHERE state = 'opened';
CREATE TABLE IF NOT EXISTS merge_request_counters (
    project_id INTEGER PRIMARY KEY REFERENCES projects ON DELETE CASCADE, last_iid INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS merge_request_versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, merge_request_id INTEGER NOT NULL REFERENCES merge_requests ON DELETE CASCADE,
    head TEXT NOT NULL, base TEXT NOT NULL, start TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, merge_request_id INTEGER NOT NULL REFERENCES merge_requests ON DELETE CASCADE,
    author_id INTEGER NOT NULL, body TEXT NOT NULL, system INTEGER NOT NULL DEFAULT 0, internal INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS commit_comments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE, sha TEXT NOT NULL,
    author_id INTEGER NOT NULL, note TEXT NOT NULL, path TEXT, line INTEGER, line_type TEXT, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS forks (
    project_id INTEGER PRIMARY KEY REFERENCES projects ON DELETE CASCADE,
    origin_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE);
"""
