"""The privacy notice as a contract: its versions, and every claim in them with the check that proves it."""
