"""Bringing an export of a source into the register: read, checked, compared, staged, decided, settled.

export.py opens a file and says how it is read; preparing.py turns its rows into tokens; staging.py compares them with
the register and writes what would change, invisibly; actions.py decides by one flip; settling.py clears up after it.
"""
