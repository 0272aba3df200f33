"""Composing, preview, approval and schedule of campaigns, and the frozen letter."""
