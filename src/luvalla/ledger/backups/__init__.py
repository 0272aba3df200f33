"""Backups: the whole installation but its keys and its ledger of erasures, in one file that only age can open.

Nothing of it stands in plain text on a disk on its way: what is read goes through memory into the encryption, and
comes out of it again into the database it belongs to. The one file on the way, SQLite's snapshot, holds what the
database beside it holds, with every address sealed.
"""
