"""Letters of the desk in three languages: paragraphs that staff edit, and parts of the law that nobody can remove."""
