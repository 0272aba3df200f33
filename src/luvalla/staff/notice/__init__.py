"""The desk of the notice: what would change, the data protection officer's opinion, publishing."""
