"""The doors for programs: REST under /api/v1/, tokens, and webhooks that tell other systems of stops and letters."""
