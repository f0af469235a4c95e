"""The programs that the sandbox runs: found on PATH at a fitting version, or else built from their Go modules."""
