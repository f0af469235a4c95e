"""The table of users who are not active."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS user_states (user_id INTEGER PRIMARY KEY REFERENCES users ON DELETE CASCADE, state TEXT NOT NULL);
"""
