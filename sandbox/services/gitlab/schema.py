"""The tables of accounts, namespaces, projects and tokens. Each further area has a module schema_<area>.py, listed in store.py."""

# AUTOINCREMENT everywhere: GitLab never gives an id out twice, and clients keep ids in their state.
SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT UNIQUE COLLATE NOCASE NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL,
    admin INTEGER NOT NULL DEFAULT 0, bot INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS namespaces (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, parent_id INTEGER REFERENCES namespaces ON DELETE CASCADE,
    owner_id INTEGER REFERENCES users ON DELETE CASCADE, name TEXT NOT NULL, path TEXT NOT NULL,
    full_path TEXT UNIQUE COLLATE NOCASE NOT NULL, visibility TEXT NOT NULL, attributes TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS projects (
    id INTEGER PRIMARY KEY AUTOINCREMENT, namespace_id INTEGER NOT NULL REFERENCES namespaces ON DELETE CASCADE,
    creator_id INTEGER NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL, full_path TEXT UNIQUE COLLATE NOCASE NOT NULL,
    visibility TEXT NOT NULL, default_branch TEXT NOT NULL, storage TEXT UNIQUE NOT NULL, attributes TEXT NOT NULL,
    created_at TEXT NOT NULL, last_activity_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS members (
    source_type TEXT NOT NULL, source_id INTEGER NOT NULL, user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    access_level INTEGER NOT NULL, expires_at TEXT, created_at TEXT NOT NULL, PRIMARY KEY (source_type, source_id, user_id));
CREATE TABLE IF NOT EXISTS access_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE, source_type TEXT, source_id INTEGER,
    name TEXT NOT NULL, description TEXT, digest TEXT UNIQUE NOT NULL, scopes TEXT NOT NULL, access_level INTEGER,
    revoked INTEGER NOT NULL DEFAULT 0, expires_at TEXT, created_at TEXT NOT NULL, last_used_at TEXT);
CREATE TABLE IF NOT EXISTS deploy_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source_type TEXT NOT NULL, source_id INTEGER NOT NULL, name TEXT NOT NULL,
    username TEXT NOT NULL, digest TEXT UNIQUE NOT NULL, scopes TEXT NOT NULL, expires_at TEXT, revoked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS protected_branches (
    id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE, name TEXT NOT NULL,
    push_level INTEGER NOT NULL, merge_level INTEGER NOT NULL, unprotect_level INTEGER, allow_force_push INTEGER NOT NULL,
    code_owner_approval_required INTEGER NOT NULL, UNIQUE (project_id, name));
CREATE TABLE IF NOT EXISTS variables (
    source_type TEXT NOT NULL, source_id INTEGER NOT NULL, key TEXT NOT NULL, environment_scope TEXT NOT NULL, attributes TEXT NOT NULL,
    PRIMARY KEY (source_type, source_id, key, environment_scope));
"""

# What belongs to either a project or a group goes with it; a token's bot user takes its tokens and memberships along.
TRIGGER = """
CREATE TRIGGER IF NOT EXISTS {table}_deleted AFTER DELETE ON {table} BEGIN
    DELETE FROM users WHERE bot AND id IN (SELECT user_id FROM access_tokens WHERE source_type = '{type}' AND source_id = OLD.id);
    DELETE FROM members WHERE source_type = '{type}' AND source_id = OLD.id;
    DELETE FROM deploy_tokens WHERE source_type = '{type}' AND source_id = OLD.id;
    DELETE FROM variables WHERE source_type = '{type}' AND source_id = OLD.id;
END;
"""
