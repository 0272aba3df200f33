"""The front page: what goes out next, what waits for the person, whether every promise is kept, and the last day."""
