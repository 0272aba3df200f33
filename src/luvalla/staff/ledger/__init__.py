"""The desk of the ledger: what was done and read, in sentences, and whether the chain holds."""
