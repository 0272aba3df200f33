"""`/metrics` for Prometheus: how sending and background work stand, from the database, so that all processes agree.

Nothing about people is in it: campaigns are numbers. Only this machine may read it, or whoever shows the token.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from hmac import compare_digest
from ipaddress import ip_address
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.jobs.engines import count_jobs
from luvalla.mailroom.models import Hold, ServiceMessage, Shard
from luvalla.mailroom.owners import process_of
from luvalla.mailroom.queries import Progress, progress
from luvalla.mailroom.relays import standings
from luvalla.register.models import Stop

STATES: Final = ("accepted", "deferred", "refused", "expired", "unknown", "in_flight")
ON_THEIR_WAY: Final = (Lifecycle.State.SENDING, Lifecycle.State.PAUSED)
SHOWN_FOR: Final = timedelta(days=30)
MOST: Final = 200
LOCAL_NAMES: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Give the figures in Prometheus's text format; 404 for strangers, who learn nothing."""
    if not _may_read(request):
        return HttpResponse(status=404)
    registry = CollectorRegistry()
    registry.register(Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Figures(Collector):
    """Reads all figures anew each time."""

    def describe(self) -> list[Metric]:
        """Describe nothing beforehand: that would ask the database twice."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Give every figure."""
        yield from _campaigns([progress(each) for each in _shown()])
        yield _relays()
        yield _held()
        yield from _counts()


def _shown() -> list[Campaign]:
    recent = Q(lifecycle__state__in=ON_THEIR_WAY) | Q(lifecycle__finished_at__gte=timezone.now() - SHOWN_FOR)
    return list(Campaign.objects.filter(recent).order_by("-pk")[:MOST])


def _campaigns(stands: list[Progress]) -> Iterator[Metric]:
    letters = GaugeMetricFamily("luvalla_letters", "Letters by campaign and state.", labels=["campaign", "state"])
    withheld = GaugeMetricFamily(
        "luvalla_contacts_withheld", "Contacts that the gate refused.", labels=["campaign", "reason"]
    )
    left = GaugeMetricFamily("luvalla_contacts_left", "Contacts the gate wasn't asked about.", labels=["campaign"])
    rate = GaugeMetricFamily("luvalla_letters_a_second", "Speed of the newest windows.", labels=["campaign"])
    for now in stands:
        campaign = str(now.campaign)
        for state in STATES:
            letters.add_metric([campaign, state], getattr(now, state))
        for reason, contacts in now.withheld_told.items():
            if contacts is not None:
                withheld.add_metric([campaign, reason], contacts)
        left.add_metric([campaign], now.left)
        rate.add_metric([campaign], now.rate)
    yield from (letters, withheld, left, rate)


def _relays() -> Metric:
    usable = GaugeMetricFamily("luvalla_relay_usable", "1 for a relay that takes letters.", labels=["relay"])
    for each in standings():
        takes = each.is_chosen and not each.is_held and each.fault is None
        usable.add_metric([str(each.row.pk)], float(takes))
    return usable


def _held() -> Metric:
    held = GaugeMetricFamily(
        "luvalla_campaign_held", "1 while letters wait for somebody to mend something.", labels=["campaign", "fault"]
    )
    for campaign, fault in Hold.objects.values_list("campaign", "fault"):
        held.add_metric([str(campaign), fault], 1)
    return held


def _counts() -> Iterator[Metric]:
    waiting, failed = count_jobs()
    holders = Shard.objects.filter(done_at=None).exclude(owner="").values_list("owner", flat=True)
    at_work = len({process_of(each) for each in holders})
    messages = ServiceMessage.objects.filter(state=ServiceMessage.State.WAITING).count()
    stops = Stop.objects.filter(answered_at=None).count()
    for name, told, count in (
        ("luvalla_workers", "Workers that hold a shard.", at_work),
        ("luvalla_service_messages_waiting", "Messages that wait to be sent.", messages),
        ("luvalla_jobs_waiting", "Background jobs that wait.", waiting),
        ("luvalla_jobs_failed", "Background jobs that were given up.", failed),
        ("luvalla_stops_unfinished", "Stops that are blocked and not answered yet.", stops),
    ):
        yield GaugeMetricFamily(name, told, value=count)


def _may_read(request: HttpRequest) -> bool:
    """Let in whoever shows the token, and this machine itself; a proxy on it speaks for somebody else."""
    token = settings.LUVALLA_METRICS_TOKEN
    if token and compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        return True
    if any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-Ip")):
        return False
    try:
        is_near = ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    return is_near and split_domain_port(request.get_host())[0] in LOCAL_NAMES
