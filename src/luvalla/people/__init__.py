"""People with accounts: who they work for, what they may do, and their undertakings of secrecy."""
