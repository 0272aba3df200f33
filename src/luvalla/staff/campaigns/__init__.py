"""The desk of newsletters: what goes out next, drafts and what has left; the editor, the previews and the approval."""
