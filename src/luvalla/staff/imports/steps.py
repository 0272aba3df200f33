"""What is decided about an import: applied, discarded, or released by a second person."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from luvalla.people.roles import Capability
from luvalla.register.importing import actions
from luvalla.register.importing.errors import ImportingError, NotDecidable, ReleaseMissing, SamePerson
from luvalla.register.uploads import delete_upload
from luvalla.staff.imports.views import ImportPage, may_discard

FAULTS: Final = {
    NotDecidable: pgettext_lazy("imports", "It has been decided in the meantime. The page shows what it is now."),
    ReleaseMissing: pgettext_lazy("imports", "A second person has to release it first."),
    SamePerson: pgettext_lazy("imports", "One person doesn't both bring or decide an import and release it."),
}


class Step(ImportPage):
    """A decision; when it can't be made, the import's page says why."""

    http_method_names = ("post",)
    any_of: ClassVar[tuple[str, ...]]

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponseBase:  # noqa: ARG002  # Django's signature
        """Carry it out."""
        if not self.is_theirs():
            return self.refuse()
        try:
            self.carry_out()
        except ImportingError as fault:
            del self.batch
            return self._say(str(FAULTS[type(fault)]))
        return HttpResponseRedirect(reverse("staff_imports:import", args=[self.kwargs["pk"]]))

    def is_theirs(self) -> bool:
        """Tell whether this person may decide this very import."""
        return True

    @abstractmethod
    def carry_out(self) -> None:
        """Do what was decided."""

    def _say(self, sentence: str) -> HttpResponse:
        return self.render_to_response(self.get_context_data(not_done=sentence), status=409)


class Apply(Step):
    """Makes all changes at once."""

    any_of: ClassVar[tuple[str, ...]] = (Capability.DECIDE_IMPORT,)

    def carry_out(self) -> None:
        """Apply."""
        actions.apply_batch(batch=self.batch, actor=self.actor)


class Discard(Step):
    """Lets the import go, and its file with it."""

    any_of: ClassVar[tuple[str, ...]] = (Capability.BRING_IMPORT, Capability.DECIDE_IMPORT)

    def is_theirs(self) -> bool:
        """Let whoever decides, or brought it, let it go."""
        return may_discard(self, self.batch)

    def carry_out(self) -> None:
        """Discard."""
        actions.discard_batch(batch=self.batch, actor=self.actor)
        delete_upload(self.batch.upload)


class Release(Step):
    """Lets an import that loses many addresses be decided."""

    any_of: ClassVar[tuple[str, ...]] = (Capability.RELEASE_IMPORT,)

    def carry_out(self) -> None:
        """Release."""
        actions.release_batch(batch=self.batch, by=self.actor, actor=self.actor)
