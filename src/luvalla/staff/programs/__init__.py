"""The desk of programs: tokens with their owners, scopes and ends, and the webhooks that are told of things."""
