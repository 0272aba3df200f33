"""The exception tree of documents.

DocumentError
└── NotTypeset          a template and its data don't make a document
"""

from __future__ import annotations


class DocumentError(Exception):
    """Something is wrong with a document."""


class NotTypeset(DocumentError):
    """A template and its data don't make a document. The typesetter's words are left out: they may quote the data."""
