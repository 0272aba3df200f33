"""Names of the desk's sealed columns: what a sealed value is bound to, besides the requester's folded token.

A name is part of what the ciphertext authenticates, so it never changes.
"""

from __future__ import annotations

from typing import Final

REQUEST: Final = "rights.DataRequest.sealed"
EVENT: Final = "rights.CaseEvent.sealed"
TASK: Final = "rights.Task.sealed"
DECISION: Final = "rights.Decision.sealed"
LETTER: Final = "rights.Letter.sealed"
LETTER_PDF: Final = "rights.Letter.sealed_pdf"
ATTACHMENT: Final = "rights.Attachment.sealed"
SEARCH: Final = "rights.StoreSearch.sealed"
LINK: Final = "rights.SecureLink.sealed"
COMPLAINT: Final = "rights.Complaint.sealed"
PACK: Final = "rights.Complaint.sealed_pack"
RECEIVING_KEY: Final = "rights.ReceivingController.sealed_key"
INCOMING: Final = "rights.IncomingCopy.sealed"
