"""The front page."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import pgettext_lazy

from luvalla.organisation.models import Controller
from luvalla.staff.dashboard.day import last_day
from luvalla.staff.dashboard.headline import headline
from luvalla.staff.dashboard.letters import next_letters
from luvalla.staff.dashboard.promises import wall
from luvalla.staff.desk import DeskView
from luvalla.staff.front import everything_waiting


class Dashboard(DeskView):
    """Answers three questions: what goes out next, what needs me, is every promise kept."""

    for_everybody = True
    any_of: ClassVar[tuple[str, ...]] = ()
    template_name = "staff/dashboard/dashboard.html"
    title = pgettext_lazy("front page", "Front page")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the answers."""
        waiting, promises = everything_waiting(self.user), wall()
        return super().get_context_data(
            now=timezone.now(),
            controller=Controller.objects.first(),
            headline=headline(len(waiting), promises.verdicts),
            waiting=waiting,
            letters=next_letters(self.user),
            promises=promises,
            day=last_day(),
            **kwargs,
        )
