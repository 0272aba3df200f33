"""The controller, its purposes with their balancing tests, processors, disclosees, transfers and declared fields."""

from __future__ import annotations

import uuid

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import get_language

from luvalla.rules import breach
from luvalla.rules.purposes import DiscloseeKind, LegalBasis, Prohibited, TransferGround


class ThreeLanguages(models.Model):
    """Something that has its name in each language of the interface."""

    name_fi = models.CharField(max_length=120)
    name_sv = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)

    class Meta:
        """Only a part of other models."""

        abstract = True

    def __str__(self) -> str:
        """Give the name in the language of the interface."""
        return self.name_in(get_language() or "en")

    def name_in(self, language: str) -> str:
        """Give the name in fi, sv or en; another language gets English."""
        return str(getattr(self, f"name_{language[:2]}", self.name_en))


class Controller(models.Model):
    """The organisation that keeps the register (GDPR 4(7)). There is one."""

    name = models.CharField(max_length=120)
    business_id = models.CharField(max_length=20)
    street = models.CharField(max_length=120)
    postcode = models.CharField(max_length=10)
    city = models.CharField(max_length=80)
    email = models.EmailField()
    phone = models.CharField(max_length=40, blank=True)
    website = models.URLField(blank=True)
    base_url = models.URLField()
    """Where the public site answers; stop links begin with it."""
    mail_domain = models.CharField(max_length=120)
    """Domain of the senders, of Message-IDs and return paths."""
    sender_name = models.CharField(max_length=120)
    sender_address = models.EmailField()
    dpo_name = models.CharField(max_length=120, blank=True)
    dpo_email = models.EmailField()
    default_language = models.CharField(max_length=2, default="fi")
    breach_hours = models.PositiveSmallIntegerField(default=breach.HOURS, validators=[MinValueValidator(1)])
    """Within how many hours the authority is told of a breach (GDPR 33(1)): the law's figure, should it change."""

    def __str__(self) -> str:
        """Give the organisation's name."""
        return self.name


class Purpose(ThreeLanguages):
    """What a campaign may be for, from the closed list of the notice (GDPR 5(1)(b))."""

    key = models.SlugField(unique=True)
    basis = models.CharField(max_length=24, choices=[(each.value, each.value) for each in LegalBasis])
    is_marketing = models.BooleanField(default=True)
    forbidden_by = models.PositiveSmallIntegerField(default=int(Prohibited.NOTHING))
    """Sum of rules.purposes.Prohibited: any of these prohibitions stops this purpose."""
    description_fi = models.CharField(max_length=200, blank=True)
    description_sv = models.CharField(max_length=200, blank=True)
    description_en = models.CharField(max_length=200, blank=True)
    offered_at_sign_up = models.BooleanField(default=True)

    def description_in(self, language: str) -> str:
        """Give the description in fi, sv or en."""
        return str(getattr(self, f"description_{language[:2]}", self.description_en))


class BalancingTest(models.Model):
    """The assessment behind a legitimate interest (GDPR 6(1)(f)); expired, it closes sending for its purpose."""

    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="balancing_tests")
    interest = models.TextField()
    necessity = models.TextField(blank=True)
    balance = models.TextField(blank=True)
    confirmed_by = models.CharField(max_length=120)
    """The person who confirmed that the interest is specific and real."""
    opinion = models.TextField(blank=True)
    """What the data protection officer said of it (GDPR 39(1)(a))."""
    approved_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        """Name the test by its purpose and end."""
        return f"{self.purpose_id}: {self.expires_at:%Y-%m-%d}"


class Processor(models.Model):
    """Who processes on the controller's behalf (GDPR 28), where, and until when the contract runs."""

    name = models.CharField(max_length=120, unique=True)
    role = models.CharField(max_length=120)
    country = models.CharField(max_length=2)
    contract_reference = models.CharField(max_length=80)
    contract_from = models.DateField()
    contract_until = models.DateField(null=True, blank=True)
    terms = models.CharField(max_length=8, blank=True, validators=[RegexValidator("^a?b?c?d?e?f?g?h?$")])
    """Which of the points (a) to (h) of GDPR 28(3) the contract has, as their letters."""
    subprocessors = models.TextField(blank=True)
    """Whom it uses in its turn, name and country, line by line (GDPR 28(2) and (4))."""
    audited_on = models.DateField(null=True, blank=True)
    """When it last showed that it keeps the contract (GDPR 28(3)(h))."""
    cleared_on = models.DateField(null=True, blank=True)
    """When it had shown, after the contract's end, that it has deleted or given back everything (GDPR 28(3)(g))."""

    def __str__(self) -> str:
        """Give the processor's name."""
        return self.name


class OutgoingHost(models.Model):
    """A host that requests may go out to: whose it is, and for what (claims S13, S19, S20). There are no others."""

    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField(default=443)
    processor = models.ForeignKey(Processor, on_delete=models.PROTECT, null=True, blank=True, related_name="hosts")
    """Without one it is the controller's own."""
    country = models.CharField(max_length=2)
    what_for = models.CharField(max_length=120)
    is_inside = models.BooleanField(default=False)
    """Whether it stands in the organisation's own network, so that an inner address is right, and HTTP will do."""
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A host and port is declared once."""

        constraints = (models.UniqueConstraint(fields=["host", "port"], name="organisation_one_outgoing_host"),)

    def __str__(self) -> str:
        """Give host and port."""
        return f"{self.host}:{self.port}"


class Disclosee(models.Model):
    """To whom personal data is given for its own or a shared purpose, by name (GDPR 4(9), 13(1)(e), 30(1)(d))."""

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=16, choices=[(each.value, each.value) for each in DiscloseeKind])
    country = models.CharField(max_length=2)
    purpose_fi = models.CharField(max_length=200)
    purpose_sv = models.CharField(max_length=200)
    purpose_en = models.CharField(max_length=200)
    """What the data is given for, as the notice says it after the name."""
    basis = models.CharField(max_length=24, choices=[(each.value, each.value) for each in LegalBasis])
    notice_email = models.EmailField(blank=True)
    """Where notices of changed data go (GDPR 19); without one people send them by post."""
    postal = models.CharField(max_length=240, blank=True)
    """Its postal address below the name, line by line."""
    disclosed_from = models.DateField()
    disclosed_until = models.DateField(null=True, blank=True)
    is_noted_singly = models.BooleanField(default=False)
    """Whether it has nothing but what is exported for it or noted of single people; else it may have everybody."""

    def __str__(self) -> str:
        """Give the disclosee's name."""
        return self.name

    def purpose_in(self, language: str) -> str:
        """Give the purpose in fi, sv or en; another language gets English."""
        return str(getattr(self, f"purpose_{language[:2]}", self.purpose_en))


class Transfer(models.Model):
    """The ground of a transfer outside the EEA (GDPR chapter V)."""

    processor = models.ForeignKey(Processor, on_delete=models.PROTECT, related_name="transfers")
    country = models.CharField(max_length=2)
    ground = models.CharField(max_length=16, choices=[(each.value, each.value) for each in TransferGround])
    reference = models.CharField(max_length=120)
    checked_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        """Name the transfer by country and ground."""
        return f"{self.country}: {self.ground}"


class DeclaredField(ThreeLanguages):
    """A further datum about contacts. It exists only once it is declared, and the notice names it."""

    key = models.SlugField(unique=True)
    reason = models.TextField()
    longest = models.PositiveSmallIntegerField(default=80, validators=[MinValueValidator(1)])
    declared_at = models.DateTimeField(auto_now_add=True)


class Comparison(models.Model):
    """Somebody has compared an authority's row of the list with the authority's own page (claims S45, S46)."""

    country = models.CharField(max_length=2)
    compared_on = models.DateField()
    compared_by = models.CharField(max_length=60)
    page = models.URLField()
    """Where it was looked at."""
    corrections = models.JSONField(default=dict, blank=True)
    """What the page says otherwise than the list that comes with the program, by the names of authorities.COMPARED."""

    def __str__(self) -> str:
        """Name the country and the day."""
        return f"{self.country} {self.compared_on}"


class Breach(models.Model):
    """A personal data breach and what was done about it; kept also where nobody had to be told (GDPR 33(5))."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=16, choices=[(each.value, each.value) for each in breach.Kind])
    risk = models.CharField(max_length=8, choices=[(each.value, each.value) for each in breach.Risk], blank=True)
    """Empty until it has been assessed; until then it counts as one the authority has to be told of."""
    detected_at = models.DateTimeField()
    aware_at = models.DateTimeField()
    """When the controller became aware: the clock of article 33(1) starts here."""
    subjects = models.PositiveIntegerField(null=True, blank=True)
    records = models.PositiveIntegerField(null=True, blank=True)
    """About how many people and records it concerns (GDPR 33(3)(a)); None while unknown."""
    account = models.BinaryField()
    """Sealed JSON of breaches.Account: what happened, what may follow, what was done, and why nobody was told."""
    recorded_by = models.CharField(max_length=60)
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Name the breach by its number."""
        return f"{self.pk}"


class BreachNotice(models.Model):
    """One telling of a breach: to the authority, maybe in phases (GDPR 33(4)), or to those concerned (34)."""

    AUTHORITY, SUBJECTS = "authority", "subjects"

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="notices")
    to = models.CharField(max_length=9, choices=((AUTHORITY, AUTHORITY), (SUBJECTS, SUBJECTS)))
    told_at = models.DateTimeField()
    reference = models.CharField(max_length=120, blank=True)
    """The authority's reference, or by what channel people were told."""
    is_last = models.BooleanField(default=True)
    """False while more is to follow."""

    def __str__(self) -> str:
        """Say whom it went to."""
        return self.to


class Attempt(models.Model):
    """One try at a door that is limited: signing in, asking for letters."""

    who = models.BinaryField(max_length=16)
    """A keyed hash of the door and of who tried: it compares, and tells nothing."""
    at = models.FloatField()
    """Seconds since 1970."""
    until = models.DateTimeField(db_index=True)
    """Till when it counts."""

    class Meta:
        """The attempts of one are looked for before each next one."""

        indexes = (models.Index(fields=["who", "at"], name="organisation_attempts_of"),)

    def __str__(self) -> str:
        """Name the attempt by its number."""
        return f"{self.pk}"
