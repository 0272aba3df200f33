"""Writing to the desk. Each write has its event in the case and its row in the ledger, in the same transaction."""
