"""Names of the register's sealed columns: what a sealed value is bound to besides its row's token. Knows no framework.

A name is part of what the ciphertext authenticates, so it never changes, even where a table is renamed.
"""

from __future__ import annotations

from typing import Final

CONTACT_ADDRESS: Final = "register.Contact.sealed"
"""The address in its one spelling; bound to the contact's exact token."""
GIVEN_PROOF: Final = "register.Permission.proof"
"""JSON of a sign-up's evidence; bound to the contact's exact token."""
DECLARED_VALUE: Final = "register.DeclaredValue.sealed"
"""Bound to the contact's exact token."""
KEPT_PROOF: Final = "register.PermissionProof.sealed"
"""JSON of an erased contact's permissions; bound to the folded token."""
SOURCE_NOTICE: Final = "register.SourceNotice.sealed"
"""The address as the register had it; bound to the folded token."""
PENDING_SIGN_UP: Final = "register.PendingSignUp.sealed"
"""JSON of a sign-up that waits for its mailbox; bound to the folded token."""
UPLOAD: Final = "register.upload"
"""A chunk of an uploaded export; bound to its file, its number and whether it is the last."""
STOP: Final = "register.Stop.sealed"
"""The address of an unfinished stop; bound to the folded token."""
CORRECTED: Final = "register.SourceNotice.corrected"
"""The right address of a correction; bound to the folded token."""
SEEN: Final = "register.Seen.numbers"
"""JSON of the numbers of contacts that a look at many showed, packed; bound to the number of its row in the ledger."""
SINGLE_DISCLOSURE: Final = "register.SingleDisclosure.sealed"
"""JSON of whose data was given and what of it; bound to the folded token."""
CHANGE_TO_TELL: Final = "register.ChangeToTell.sealed"
"""JSON of a change and of what tells who has the data; bound to the folded token."""
DISCLOSEE_NOTICE: Final = "register.DiscloseeNotice.sealed"
"""JSON of whose data was changed and how; bound to the folded token."""
WHY_UNTOLD: Final = "register.DiscloseeNotice.why"
"""Why a recipient can't be told; bound to the notice's ref."""
CORRECTION: Final = "ledger.erasures.rectify"
"""JSON of the old and the new address in a line of the ledger of erasures; bound to the line's token."""
