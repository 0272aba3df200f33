"""The desk of people: who has an account, by whose appointment, under which undertaking and contract."""
