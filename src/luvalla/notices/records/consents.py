"""Consent records: for each consent in force what proves it (GDPR 7(1)), with the fields of ISO/IEC TS 27560:2023.

The mapping to the Data Privacy Vocabulary is that of its schema dpv-27560 (profile record-eu-gdpr). The person stands
in a record as a random reference; no address is in it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from luvalla.notices.records.linked import CONTEXT, Node
from luvalla.organisation.authorities import authority
from luvalla.organisation.models import Controller
from luvalla.organisation.queries import the_controller
from luvalla.register.models import Permission
from luvalla.register.proofs import given_proof
from luvalla.register.queries import live_permissions
from luvalla.rules.purposes import PermissionKind

PROFILE: Final = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"
NAMESPACE: Final = uuid.UUID("5d0f6d62-6f0e-5b0a-9c1e-2f6c4b1f7a10")
"""Record ids are made from the person's reference and the permission's number: always the same for the same consent."""
HOME_COUNTRY: Final = "FI"
RIGHTS: Final = tuple(f"eu-gdpr:A{article}" for article in ("7-3", "15", "16", "17", "18", "20", "77"))


def consent_records() -> Iterator[Node]:
    """Give the record of every consent in force, one after the other, without a context of its own."""
    controller = the_controller()
    consents = live_permissions().filter(kind=PermissionKind.CONSENT, contact__restricted_at=None)
    for each in consents.select_related("contact", "source", "audience").order_by("pk").iterator(chunk_size=500):
        yield _record(each, controller)


def consent_document() -> Node:
    """Give all of them as one JSON-LD document."""
    return {"@context": dict(CONTEXT), "@graph": [_controller(the_controller()), *consent_records()]}


def _record(permission: Permission, controller: Controller) -> Node:
    proof: dict[str, Any] = dict(given_proof(permission, permission.contact) or {})
    given_at = proof.get("confirmed_at") or permission.created_at.isoformat()
    language = str(proof.get("language", permission.audience.language))
    return {
        "@id": f"urn:uuid:{uuid.uuid5(NAMESPACE, f'{permission.contact.ref}/{permission.pk}')}",
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": {"@id": PROFILE},
        "dct:identifier": str(uuid.uuid5(NAMESPACE, f"{permission.contact.ref}/{permission.pk}")),
        "dpv:hasDataSubject": {"@type": "dpv:DataSubject", "dct:identifier": str(permission.contact.ref)},
        "dpv:hasDataController": {"@id": "luvalla:controller"},
        "dpv:hasNotice": _notice(proof, controller, language),
        "dct:language": language,
        "dpv:hasPurpose": [{"@id": f"luvalla:purpose-{key}"} for key in permission.purposes.split()],
        "dpv:hasLegalBasis": {"@id": "eu-gdpr:A6-1-a"},
        "dpv:hasPersonalData": {"@id": "pd:EmailAddress"},
        "dpv:hasDataSource": permission.source.key,
        "dpv:hasIndicationMethod": str(proof.get("method", permission.source.evidence)),
        "dpv:hasConsentStatus": _status(given_at),
        "dpv:hasConsentControl": {"@type": "dpv:WithdrawConsent", "dct:source": f"{controller.base_url}/"},
        "dpv:hasStorageCondition": {
            "@type": "dpv:StorageDeletion",
            "dct:description": "until it is withdrawn",
        },
        "dpv:hasJurisdiction": HOME_COUNTRY,
        "dpv:hasRight": [{"@id": right} for right in RIGHTS],
        "dpv:hasAuthority": authority(HOME_COUNTRY).names["en"],
    }


def _notice(proof: dict[str, Any], controller: Controller, language: str) -> Node:
    """Say which version of the notice stood beside the form, and the hash of the words that were agreed to."""
    return {
        "@type": "dpv:ConsentNotice",
        "dct:language": language,
        "dct:hasVersion": str(proof.get("notice_version", "")),
        "dct:identifier": str(proof.get("wording_sha256", "")),
        "dct:source": f"{controller.base_url}/",
    }


def _status(given_at: str) -> Node:
    moment = datetime.fromisoformat(given_at)
    return {
        "@type": "dpv:ConsentGiven",
        "dpv:isIndicatedAtTime": {"@value": moment.isoformat(), "@type": "xsd:dateTime"},
    }


def _controller(controller: Controller) -> Node:
    return {
        "@id": "luvalla:controller",
        "@type": "dpv:DataController",
        "dct:identifier": controller.business_id,
        "dpv:hasName": controller.name,
        "dpv:hasAddress": f"{controller.street}, {controller.postcode} {controller.city}",
        "dpv:hasContact": [controller.email, controller.dpo_email],
    }
