"""The ledger, the ledger of erasures, the keys and the sealing: what everything else is recorded and kept with."""
