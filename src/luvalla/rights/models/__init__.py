"""The tables of the rights desk, by subject: cases, what they are answered with, copies between controllers."""

from __future__ import annotations

from luvalla.rights.models.answers import Decision, Letter, SecureLink
from luvalla.rights.models.between_controllers import IncomingCopy, ReceivingController, Transmission
from luvalla.rights.models.cases import Attachment, CaseEvent, Complaint, DataRequest, Hold, StoreSearch, Task

__all__ = (
    "Attachment",
    "CaseEvent",
    "Complaint",
    "DataRequest",
    "Decision",
    "Hold",
    "IncomingCopy",
    "Letter",
    "ReceivingController",
    "SecureLink",
    "StoreSearch",
    "Task",
    "Transmission",
)
