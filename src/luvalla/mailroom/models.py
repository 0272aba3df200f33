"""Mail on the wire: relays, shards, deliveries with their outcomes, totals, and service messages."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from luvalla.campaigns.models import Campaign


class Relay(models.Model):
    """The server letters leave through, with its country and its processor contract."""

    name = models.CharField(max_length=80, unique=True)
    url = models.CharField(max_length=300)
    """smtp://, smtps:// or smtp+starttls:// without credentials; these come from the settings or a file."""
    country = models.CharField(max_length=2, blank=True)
    processor = models.ForeignKey("organisation.Processor", on_delete=models.PROTECT, null=True, blank=True)
    connections = models.PositiveSmallIntegerField(default=4)
    letters_a_second = models.PositiveIntegerField(null=True, blank=True)
    letters_a_connection = models.PositiveIntegerField(null=True, blank=True)
    """After so many letters a connection is closed and opened anew."""
    domain_letters_a_minute = models.PositiveIntegerField(null=True, blank=True)
    domain_at_once = models.PositiveSmallIntegerField(null=True, blank=True)
    """Letters on their way to one receiving domain at the same time, from all workers."""
    warm_up_from = models.DateField(null=True, blank=True)
    warm_up_letters = models.PositiveIntegerField(null=True, blank=True)
    """Letters on the first day of the plan; both are needed for one."""
    warm_up_growth = models.PositiveSmallIntegerField(default=50)
    """Per cent more each day."""
    rested_at = models.DateTimeField(null=True, blank=True)
    """Since when the staff leave it alone."""
    order = models.PositiveSmallIntegerField(default=0)
    in_use = models.BooleanField(default=True)
    held_until = models.DateTimeField(null=True, blank=True)
    last_fault = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        """Give the relay's name."""
        return self.name


class RelayPace(models.Model):
    """What a relay with limits was handed, counted by all workers together."""

    relay = models.OneToOneField(Relay, on_delete=models.CASCADE, primary_key=True, related_name="handed")
    free_at = models.FloatField(default=0)
    """Seconds since 1970: when the last letter that was granted is due to leave."""
    day = models.DateField(null=True)
    """The day (UTC) that `letters` counts."""
    letters = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        """Give the day's letters."""
        return f"{self.letters}"


class DomainPace(models.Model):
    """The same for one receiving domain, which is only a number out of 65,536; forgotten after an hour."""

    relay = models.ForeignKey(Relay, on_delete=models.CASCADE)
    domain = models.PositiveIntegerField()
    free_at = models.FloatField(default=0)

    class Meta:
        """One row a relay and domain."""

        constraints = (models.UniqueConstraint(fields=["relay", "domain"], name="mailroom_one_domain_pace"),)

    def __str__(self) -> str:
        """Give the domain's number."""
        return f"{self.domain}"


class Shard(models.Model):
    """A range of an audience that one worker sends under a lease."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="shards")
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    """Contacts with low <= id < high."""
    contacts = models.PositiveIntegerField(default=0)
    """About how many there were when the shard was made."""
    cursor = models.BigIntegerField()
    """The next contact id to be claimed."""
    owner = models.CharField(max_length=60, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    taken_over_at = models.DateTimeField(null=True, blank=True)
    permitted = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    deferred = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    expired = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    """Letters by state, moved in the transactions that change the rows: what a glance at a million letters costs."""
    rate = models.PositiveIntegerField(default=0)
    """Letters a second of the newest window."""

    def __str__(self) -> str:
        """Name the shard by its number."""
        return f"{self.pk}"


class Delivery(models.Model):
    """Campaign x contact: what became of one letter. Purged to totals after its retention, or when the person goes."""

    class State(models.TextChoices):
        """CLAIMED until the network has answered."""

        CLAIMED = "claimed"
        ACCEPTED = "accepted"
        DEFERRED = "deferred"
        REFUSED = "refused"
        EXPIRED = "expired"
        UNKNOWN = "unknown"

    pk = models.CompositePrimaryKey("campaign_id", "contact_id")
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="deliveries", db_index=False, db_constraint=False
    )
    """Without index and constraint of its own: the key begins with it, and a million rows would each ask the parent."""
    contact_id = models.BigIntegerField()
    """No foreign key: the contact may be on its way out while its letter is claimed, and the gate has looked at it."""
    shard_id = models.BigIntegerField()
    epoch = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices)
    attempt = models.PositiveSmallIntegerField(default=1)
    code = models.CharField(max_length=12, blank=True)
    """Reply code and enhanced status, "550 5.1.1"; never the server's text."""
    reason = models.CharField(max_length=24, blank=True)
    relay = models.ForeignKey(Relay, on_delete=models.PROTECT, null=True, db_index=False, db_constraint=False)
    claimed_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    """When the answer was recorded: the letter began between claimed_at and then."""
    retry_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A person's letters are found campaign by campaign, by the key. What was accepted at once is in no index."""

        indexes = (
            models.Index(
                fields=["shard_id", "retry_at"], name="mailroom_to_retry", condition=Q(retry_at__isnull=False)
            ),
            models.Index(
                fields=["campaign", "reason", "contact_id"], name="mailroom_by_reason", condition=~Q(reason="")
            ),
        )

    def __str__(self) -> str:
        """Give the state."""
        return self.state


class Hold(models.Model):
    """Why a campaign's letters wait although nobody paused it: what is wrong with which relay, until that is mended."""

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, primary_key=True, related_name="hold")
    fault = models.CharField(max_length=40)
    relay = models.CharField(max_length=80, blank=True)
    since = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        """Name the hold by its fault."""
        return self.fault


class HardBounce(models.Model):
    """A contact's letters that came back because there is no such mailbox."""

    contact_id = models.BigIntegerField(primary_key=True)
    letters = models.PositiveSmallIntegerField(default=1)
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        """Give the number of letters."""
        return f"{self.letters}"


class DeliveryTotal(models.Model):
    """Letters of a campaign whose rows are gone, by state and reason: sums stay whole when people go."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="totals")
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=24, blank=True)
    letters = models.PositiveIntegerField(default=0)

    class Meta:
        """One row a state and reason."""

        constraints = (models.UniqueConstraint(fields=["campaign", "state", "reason"], name="mailroom_one_total"),)

    def __str__(self) -> str:
        """Give state and number."""
        return f"{self.state}: {self.letters}"


class Withheld(models.Model):
    """How many contacts of a shard the gate refused, by reason (rules.gate.Reason)."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="withheld")
    shard = models.ForeignKey(Shard, on_delete=models.PROTECT)
    reason = models.CharField(max_length=24)
    contacts = models.PositiveIntegerField(default=0)

    class Meta:
        """One row a shard and reason, so that two workers never wait for each other's count."""

        constraints = (models.UniqueConstraint(fields=["campaign", "shard", "reason"], name="mailroom_one_withheld"),)

    def __str__(self) -> str:
        """Give reason and number."""
        return f"{self.reason}: {self.contacts}"


class ServiceMessage(models.Model):
    """A confirmation, an acknowledgement or a letter of the desk: sealed, retried, no marketing in it."""

    class State(models.TextChoices):
        """WAITING is tried again until it expires."""

        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    folded = models.BinaryField(max_length=32, db_index=True)
    sealed = models.BinaryField()
    """The addressee and the finished message, bound to the folded token; emptied once it is sent."""
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=12, blank=True)
    next_try_at = models.DateTimeField(default=timezone.now, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Name the message by its kind."""
        return self.kind
