"""HOW one thing is built: one ComponentResource a file. No configuration is read here."""
