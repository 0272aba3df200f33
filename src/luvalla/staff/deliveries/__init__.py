"""The desk of deliveries: letters on their way, what became of them, and the relays they leave through."""
