"""The ledger of printed material: what was printed, where it lies, who held it, and how it was destroyed."""
