"""The staff interface: one package a desk."""
