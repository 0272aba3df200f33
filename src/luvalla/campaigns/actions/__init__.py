"""Writing campaigns: every step of their life, each under the lock of its row and with its row in the ledger.

The lifecycle's row is locked first, so that two people never do two things at once; a step that cannot be taken from
where the campaign stands raises IllegalStep and changes nothing.
"""

from __future__ import annotations

from luvalla.campaigns.actions.locking import subject_of
from luvalla.campaigns.actions.pictures import PicturesBeside, add_picture
from luvalla.campaigns.actions.steps import (
    approve_campaign,
    begin_sending,
    cancel_campaign,
    finish_campaign,
    pause_campaign,
    reopen_campaign,
    resume_campaign,
    return_campaign,
    schedule_campaign,
    send_campaign_now,
    submit_campaign,
    unschedule_campaign,
    why_not_approve,
)
from luvalla.campaigns.actions.writing import (
    begin_draft,
    copy_campaign,
    create_campaign,
    create_campaign_from_file,
    discard_campaign,
    lock_draft,
    record_edit,
)

__all__ = [
    "PicturesBeside",
    "add_picture",
    "approve_campaign",
    "begin_draft",
    "begin_sending",
    "cancel_campaign",
    "copy_campaign",
    "create_campaign",
    "create_campaign_from_file",
    "discard_campaign",
    "finish_campaign",
    "lock_draft",
    "pause_campaign",
    "record_edit",
    "reopen_campaign",
    "resume_campaign",
    "return_campaign",
    "schedule_campaign",
    "send_campaign_now",
    "subject_of",
    "submit_campaign",
    "unschedule_campaign",
    "why_not_approve",
]
