"""The register: addresses, why mail may be sent to them, what forbids it, and the stop."""
