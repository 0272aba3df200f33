"""The desk of paper: items with labels, their places, custody by scanning, stock-takes, searches, destruction."""
