"""The copy a person gets of everything that is kept about them (GDPR 15), and the one they take along (GDPR 20)."""
