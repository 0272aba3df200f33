"""How long what is kept: named once, used by the deletion and by the notice."""

from __future__ import annotations

from datetime import timedelta

UNCONFIRMED_SIGN_UP = timedelta(days=7)
DELIVERIES = timedelta(days=30)
PERMISSION_PROOF = timedelta(days=3 * 365)
ACCESS_LOG = timedelta(days=2 * 365)
SERVICE_MESSAGE = timedelta(days=30)
SOURCE_NOTICE = timedelta(days=90)
DISCLOSURE = timedelta(days=3 * 365)
"""How long it is kept whom a single disclosure concerned, and longer while they are in the register (GDPR 19)."""
UPLOAD = timedelta(days=7)
UNDECIDED_IMPORT = timedelta(days=7)
UNDELIVERABLE = timedelta(days=180)
"""How long a bounce that says the mailbox is gone keeps the next export from bringing it back."""
CASE_DETAILS = timedelta(days=30)
"""How long after its end a request keeps what was said in it."""
CASE = timedelta(days=3 * 365)
"""How long it is kept afterwards that a request was answered, and how (GDPR 17(3)(e); act 728/2003, section 4)."""
SECURE_LINK = timedelta(days=7)
INCOMING_COPY = timedelta(days=30)
"""How long a copy from another controller waits for a decision, and how long it is kept what was decided."""
BACKUP = timedelta(days=35)
"""How old a backup may become. Until then the ledger of erasures keeps what such a backup has to be told."""
