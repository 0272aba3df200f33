"""Records of accountability, each as a table for people and as linked data for programs (GDPR 5(2), 24, 30)."""
