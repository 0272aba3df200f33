"""Pure rules: what may be done, when, and how things are spelled. Knows no framework, no clock and no database."""
