"""The auditor's pack: made and signed by the system, verified anywhere without it."""
