"""The desk of claims: every sentence the notice promises, its verdict, and what the check saw."""
