"""The desk of reading: unusual amounts to explain, and large exports to release."""
