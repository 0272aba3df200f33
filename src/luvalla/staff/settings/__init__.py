"""The desk of settings: who keeps the register, for what, from where, to whom, and with whose help. Read only."""
