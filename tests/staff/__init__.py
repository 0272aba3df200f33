"""Tests of the staff interface."""
