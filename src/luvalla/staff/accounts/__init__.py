"""Sign-in, the second factor, and a person's own account."""
