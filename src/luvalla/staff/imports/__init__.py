"""The desk of imports: an export is brought, its columns are looked at, and what it would change is decided on."""
