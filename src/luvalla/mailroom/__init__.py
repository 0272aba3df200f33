"""Mail on the wire: shards, deliveries, relays, service messages; mail coming in."""
