"""What goes wrong in life, done on purpose while a campaign is on its way, and counted at both ends."""
