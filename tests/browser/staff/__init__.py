"""The staff interface in a real browser."""
