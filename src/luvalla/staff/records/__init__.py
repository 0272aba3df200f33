"""The desk of the records of accountability: what is processed and why, by whom, until when, and what went wrong."""
