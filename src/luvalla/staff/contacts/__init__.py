"""The desk of contacts: listing, a contact's page, looks at addresses, stops, exports, and notices for the sources."""
