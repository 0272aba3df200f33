"""The acceptance scenarios G1-G10, each a test by its name."""
