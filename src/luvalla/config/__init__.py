"""Settings, addresses of the pages, and the composition of the rooms."""
