"""The records as linked data: JSON-LD with the Data Privacy Vocabulary 2.3 (DPV, its GDPR and personal data parts).

Every node that stands for a thing of this installation has an address under the public site, or a random reference;
none names a data subject.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from luvalla.notices.records.processing import Activity, activities
from luvalla.notices.records.surroundings import names_of
from luvalla.organisation.adequacy import decision_for
from luvalla.organisation.breaches import authority_waits, breaches
from luvalla.organisation.models import BalancingTest, Breach, Controller, Disclosee, Processor, Transfer
from luvalla.organisation.queries import the_controller
from luvalla.rules.breach import Risk
from luvalla.rules.purposes import LegalBasis, TransferGround

Node = dict[str, Any]
LANGUAGES: Final = ("fi", "sv", "en")
CONTEXT: Final[Mapping[str, str]] = {
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "pd": "https://w3id.org/dpv/pd#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "luvalla": "urn:luvalla:",
}
BASES: Final[Mapping[LegalBasis, str]] = {
    LegalBasis.CONSENT: "eu-gdpr:A6-1-a",
    LegalBasis.CONTRACT: "eu-gdpr:A6-1-b",
    LegalBasis.LEGAL_OBLIGATION: "eu-gdpr:A6-1-c",
    LegalBasis.LEGITIMATE_INTEREST: "eu-gdpr:A6-1-f-controller",
}
GROUNDS: Final[Mapping[str, str]] = {
    TransferGround.ADEQUACY: "eu-gdpr:A45-3",
    TransferGround.CLAUSES: "eu-gdpr:A46-2-c",
    TransferGround.BINDING_RULES: "eu-gdpr:A46-2-b",
    TransferGround.DEROGATION: "eu-gdpr:A49-1-a",
}
MEASURES: Final = (
    "dpv:EncryptionAtRest",
    "dpv:Pseudonymisation",
    "dpv:AccessControlMethod",
    "dpv:ConfidentialityAgreement",
)
RISKS: Final[Mapping[str, str]] = {
    Risk.UNLIKELY: "eu-gdpr:DBIAIndicatesNoRisk",
    Risk.LIKELY: "eu-gdpr:DBIAIndicatesLowRisk",
    Risk.HIGH: "eu-gdpr:DBIAIndicatesHighRisk",
}


def linked_records() -> Node:
    """Give all records as one JSON-LD document; NotSetUp before there is a controller."""
    controller = the_controller()
    nodes = [
        _controller(controller),
        _officer(controller),
        *(_processor(each) for each in Processor.objects.order_by("pk")),
        *(_recipient(each) for each in Disclosee.objects.order_by("pk")),
        *(_transfer(each) for each in Transfer.objects.select_related("processor").order_by("pk")),
        _register_of_activities(controller),
        *(_activity(each) for each in activities()),
        *(_balancing_test(each) for each in BalancingTest.objects.select_related("purpose").order_by("pk")),
        _register_of_breaches(),
        *(_breach(each) for each in breaches()),
    ]
    return {"@context": dict(CONTEXT), "@graph": nodes}


def _controller(controller: Controller) -> Node:
    return {
        "@id": "luvalla:controller",
        "@type": "dpv:DataController",
        "dpv:hasName": controller.name,
        "dpv:hasIdentifier": controller.business_id,
        "dpv:hasAddress": f"{controller.street}, {controller.postcode} {controller.city}",
        "dpv:hasContact": controller.email,
        "dpv:hasDataProtectionOfficer": _ref("officer"),
    }


def _officer(controller: Controller) -> Node:
    return {"@id": "luvalla:officer", "@type": "dpv:DataProtectionOfficer", "dpv:hasContact": controller.dpo_email}


def _processor(each: Processor) -> Node:
    return {
        "@id": f"luvalla:processor-{each.pk}",
        "@type": "dpv:DataProcessor",
        "dpv:hasName": each.name,
        "dpv:hasCountry": each.country,
        "dct:description": each.role,
        "dct:valid": _period(each.contract_from, each.contract_until),
    }


def _recipient(each: Disclosee) -> Node:
    return {
        "@id": f"luvalla:recipient-{each.pk}",
        "@type": "dpv:Recipient",
        "dpv:hasName": each.name,
        "dpv:hasCountry": each.country,
        "dct:description": [_said(each.purpose_in(language), language) for language in LANGUAGES],
        "dpv:hasLegalBasis": {"@id": BASES[LegalBasis(each.basis)]},
        "dct:valid": _period(each.disclosed_from, each.disclosed_until),
    }


def _transfer(each: Transfer) -> Node:
    node = {
        "@id": f"luvalla:transfer-{each.pk}",
        "@type": "dpv:DataTransferRecord",
        "dpv:hasDataProcessor": _ref(f"processor-{each.processor_id}"),
        "dpv:hasCountry": each.country,
        "dpv:hasLegalBasis": {"@id": GROUNDS[each.ground]},
        "dct:source": each.reference,
        "dct:valid": _period(each.checked_on, each.expires_on),
    }
    decision = decision_for(each.country, each.checked_on) if each.ground == TransferGround.ADEQUACY else None
    return {**node, "dct:references": decision.number} if decision else node


def _register_of_activities(controller: Controller) -> Node:
    return {
        "@id": "luvalla:activities",
        "@type": "dpv:ROPA",
        "dct:publisher": _ref("controller"),
        "dct:title": controller.name,
        "dct:hasPart": [_ref(f"activity-{each.key}") for each in activities()],
    }


def _activity(each: Activity) -> Node:
    return {
        "@id": f"luvalla:activity-{each.key}",
        "@type": "dpv:PersonalDataHandling",
        "dct:title": [_said(each.text("name", language), language) for language in LANGUAGES],
        "dct:description": [_said(each.text("why", language), language) for language in LANGUAGES],
        "dpv:hasDataController": _ref("controller"),
        "dpv:hasPurpose": [{"@id": name} for name in each.purposes],
        "dpv:hasLegalBasis": [{"@id": BASES[basis]} for basis in each.bases],
        "dpv:hasDataSubject": [{"@id": name} for name in each.subjects],
        "dpv:hasPersonalData": [{"@id": name} for name in each.data],
        "dpv:hasRecipient": list(_recipients_of(each)),
        "dpv:hasStorageCondition": _storage(each),
        "dpv:hasTechnicalOrganisationalMeasure": [{"@id": name} for name in MEASURES],
    }


def _recipients_of(each: Activity) -> Iterator[Node]:
    """Point at the processors and recipients who are given its data."""
    names = names_of(each.recipients)
    yield from (_ref(f"processor-{found.pk}") for found in Processor.objects.filter(name__in=names).order_by("pk"))
    yield from (_ref(f"recipient-{found.pk}") for found in Disclosee.objects.filter(name__in=names).order_by("pk"))


def _storage(each: Activity) -> Node:
    node: Node = {
        "@type": "dpv:StorageDuration",
        "dct:description": [_said(each.text("ends", language), language) for language in LANGUAGES],
    }
    if each.days is not None:
        node["dpv:hasDuration"] = {"@value": f"P{each.days}D", "@type": "xsd:duration"}
    return node


def _balancing_test(each: BalancingTest) -> Node:
    return {
        "@id": f"luvalla:balancing-test-{each.pk}",
        "@type": "eu-gdpr:BalancingTest",
        "dct:subject": each.purpose.key,
        "dct:description": " ".join(text for text in (each.interest, each.necessity, each.balance) if text),
        "dct:valid": _period(each.approved_at.date(), each.expires_at.date()),
    }


def _register_of_breaches() -> Node:
    return {
        "@id": "luvalla:breaches",
        "@type": "eu-gdpr:DataBreachRegister",
        "dct:publisher": _ref("controller"),
        "dct:hasPart": [_ref(f"breach-{each.ref}") for each in breaches()],
    }


def _breach(each: Breach) -> Node:
    """Give a breach without its words: they are the staff's own, and stay sealed in the installation."""
    node = {
        "@id": f"luvalla:breach-{each.ref}",
        "@type": "eu-gdpr:DataBreach",
        "dct:type": each.kind,
        "dct:created": _moment(each.aware_at),
        "dpv:hasNotice": [
            {
                "@type": "eu-gdpr:DPABreachNotice" if notice.to == notice.AUTHORITY else "dpv:DataBreachNotice",
                "dct:issued": _moment(notice.told_at),
            }
            for notice in each.notices.all()
        ],
    }
    if each.risk:
        node["dpv:hasStatus"] = {"@id": RISKS[each.risk]}
    if not authority_waits(each) and not node["dpv:hasNotice"]:
        node["dpv:hasJustification"] = {"@id": "eu-gdpr:BreachNotificationNotNeeded"}
    return node


def _ref(name: str) -> Node:
    return {"@id": f"luvalla:{name}"}


def _said(text: str, language: str) -> Node:
    return {"@value": text, "@language": language}


def _moment(moment: datetime) -> Node:
    return {"@value": moment.isoformat(), "@type": "xsd:dateTime"}


def _period(start: date, end: date | None) -> str:
    """Give a period as DCMI writes it; open where it has no end."""
    return f"start={start.isoformat()};" + (f" end={end.isoformat()};" if end else "")
