"""The tables of who may do what to which refs, and of deploy keys."""

# A protected branch is made with a level for each verb; the entries that count are in ref_access, where more can be added.
SCHEMA = """
CREATE TABLE IF NOT EXISTS protected_tags (
    id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE, name TEXT NOT NULL,
    UNIQUE (project_id, name));
CREATE TABLE IF NOT EXISTS deploy_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL,
    fingerprint_sha256 TEXT UNIQUE NOT NULL, created_at TEXT NOT NULL, expires_at TEXT);
CREATE TABLE IF NOT EXISTS deploy_keys_projects (
    project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE, key_id INTEGER NOT NULL REFERENCES deploy_keys ON DELETE CASCADE,
    can_push INTEGER NOT NULL, PRIMARY KEY (project_id, key_id));
CREATE TABLE IF NOT EXISTS ref_access (
    id INTEGER PRIMARY KEY AUTOINCREMENT, branch_id INTEGER REFERENCES protected_branches ON DELETE CASCADE,
    tag_id INTEGER REFERENCES protected_tags ON DELETE CASCADE, verb TEXT NOT NULL, access_level INTEGER,
    user_id INTEGER REFERENCES users ON DELETE CASCADE, group_id INTEGER REFERENCES namespaces ON DELETE CASCADE,
    deploy_key_id INTEGER REFERENCES deploy_keys ON DELETE CASCADE);
CREATE TRIGGER IF NOT EXISTS protected_branches_made AFTER INSERT ON protected_branches BEGIN
    INSERT INTO ref_access (branch_id, verb, access_level) VALUES (NEW.id, 'push', NEW.push_level), (NEW.id, 'merge', NEW.merge_level);
    INSERT INTO ref_access (branch_id, verb, access_level) SELECT NEW.id, 'unprotect', NEW.unprotect_level
        WHERE NEW.unprotect_level IS NOT NULL;
END;
INSERT INTO ref_access (branch_id, verb, access_level)
    SELECT id, 'push', push_level FROM protected_branches WHERE id NOT IN (SELECT branch_id FROM ref_access WHERE branch_id IS NOT NULL)
    UNION SELECT id, 'merge', merge_level FROM protected_branches
        WHERE id NOT IN (SELECT branch_id FROM ref_access WHERE branch_id IS NOT NULL);
"""
