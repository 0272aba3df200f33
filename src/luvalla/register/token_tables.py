"""The register's tables with tokens, for a new token key to reach."""

from __future__ import annotations

from typing import Final

from luvalla.ledger.rekeying import Child, Sealed, TokenTable
from luvalla.register.columns import (
    CHANGE_TO_TELL,
    CONTACT_ADDRESS,
    CORRECTED,
    DECLARED_VALUE,
    DISCLOSEE_NOTICE,
    GIVEN_PROOF,
    KEPT_PROOF,
    PENDING_SIGN_UP,
    SINGLE_DISCLOSURE,
    SOURCE_NOTICE,
    STOP,
)

TABLES: Final = (
    TokenTable(
        "register.Contact",
        tokens=("token", "folded", "domain"),
        sealed=(Sealed("sealed", CONTACT_ADDRESS, "token"),),
        children=(
            Child("register.Permission", "contact", Sealed("proof", GIVEN_PROOF, "token")),
            Child("register.DeclaredValue", "contact", Sealed("sealed", DECLARED_VALUE, "token")),
        ),
    ),
    TokenTable("register.Suppression", tokens=("token",)),
    TokenTable("register.Prohibition", tokens=("folded",)),
    TokenTable("register.StagedProhibition", tokens=("folded",)),
    TokenTable("register.PermissionProof", tokens=("folded",), sealed=(Sealed("sealed", KEPT_PROOF, "folded"),)),
    TokenTable(
        "register.SourceNotice",
        tokens=("folded",),
        sealed=(Sealed("sealed", SOURCE_NOTICE, "folded"), Sealed("corrected", CORRECTED, "folded")),
    ),
    TokenTable("register.PendingSignUp", tokens=("folded",), sealed=(Sealed("sealed", PENDING_SIGN_UP, "folded"),)),
    TokenTable("register.SingleDisclosure", ("folded",), sealed=(Sealed("sealed", SINGLE_DISCLOSURE, "folded"),)),
    TokenTable("register.ChangeToTell", ("folded",), sealed=(Sealed("sealed", CHANGE_TO_TELL, "folded"),)),
    TokenTable("register.DiscloseeNotice", ("folded",), sealed=(Sealed("sealed", DISCLOSEE_NOTICE, "folded"),)),
    TokenTable("register.Forgetting", tokens=("folded",)),
    TokenTable("register.Stop", tokens=("folded",), sealed=(Sealed("sealed", STOP, "folded"),)),
)
