"""The tables of deletions that are to come, and of paths that led somewhere once."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS deletions (
    source_type TEXT NOT NULL, source_id INTEGER NOT NULL, marked_on TEXT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL,
    PRIMARY KEY (source_type, source_id));
CREATE TABLE IF NOT EXISTS former_paths (
    full_path TEXT PRIMARY KEY COLLATE NOCASE, project_id INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE);
CREATE TRIGGER IF NOT EXISTS projects_deletion AFTER DELETE ON projects BEGIN
    DELETE FROM deletions WHERE source_type = 'Project' AND source_id = OLD.id;
END;
CREATE TRIGGER IF NOT EXISTS namespaces_deletion AFTER DELETE ON namespaces BEGIN
    DELETE FROM deletions WHERE source_type = 'Group' AND source_id = OLD.id;
END;
"""
