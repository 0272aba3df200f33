"""The review of access, and the text of the undertaking."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from luvalla.people.errors import PeopleError
from luvalla.people.models import AccessReview, UndertakingText, User
from luvalla.people.queries import accounts, roles_of
from luvalla.people.reviews import begin_review, decide_on, is_as_signed, record_of, reviews, sign_review, undecided
from luvalla.people.undertakings import publish_text
from luvalla.people.versions import current_text
from luvalla.people.words import ROLES
from luvalla.staff.accounts.proving import SigningForm
from luvalla.staff.people.forms import DecideForm, TextForm
from luvalla.staff.people.pages import FormPage, PeoplePage
from luvalla.staff.people.words import DECISIONS, refusal_words


class ReviewPage(PeoplePage):
    """The running review, account by account, and the signed ones before it."""

    any_of: ClassVar[tuple[str, ...]] = ("review_access",)
    template_name = "staff/people/review.html"
    title = pgettext_lazy("people", "Review of access")
    lead = pgettext_lazy(
        "people",
        "Twice a year somebody looks at every account: is it still needed, with these roles? The record is signed.",
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the reviews."""
        running = AccessReview.objects.filter(signed_at=None).first()
        signed = [{"review": each, "holds": is_as_signed(each)} for each in reviews().exclude(signed_at=None)]
        words: dict[str, Any] = {"running": running, "signed": signed}
        if running is not None:
            words |= self._running(running)
        return super().get_context_data(**{**words, **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Begin a review, decide on an account, or sign."""
        running = AccessReview.objects.filter(signed_at=None).first()
        if running is None:
            begin_review(reviewer=self.user)
        elif "typed_name" in request.POST:
            return self._sign(running)
        else:
            self._decide(running)
        return HttpResponseRedirect(reverse("staff_people:review"))

    def _running(self, review: AccessReview) -> dict[str, Any]:
        waiting = list(undecided(review).exclude(pk=self.user.pk).prefetch_related("groups"))
        decided = review.lines.select_related("user").order_by("user__full_name")
        return {
            "waiting": [{"user": each, "roles": [ROLES[role] for role in roles_of(each)]} for each in waiting],
            "decided": [{"line": each, "word": DECISIONS[each.decision]} for each in decided],
            "form": SigningForm(request=self.request, signer=self.user),
        }

    def _decide(self, review: AccessReview) -> None:
        form = DecideForm(self.request.POST)
        if not form.is_valid():
            raise Http404
        user = get_object_or_404(accounts(), ref=form.cleaned_data["user"])
        decide_on(review=review, user=user, decision=form.cleaned_data["decision"], by=self.user)

    def _sign(self, review: AccessReview) -> HttpResponse:
        form: forms.Form = SigningForm(self.request.POST, request=self.request, signer=self.user)
        if form.is_valid():
            try:
                sign_review(review=review, typed_name=form.cleaned_data["typed_name"], by=self.user)
            except PeopleError as fault:
                form.add_error(None, refusal_words(fault))
            else:
                return HttpResponseRedirect(reverse("staff_people:review"))
        return self.render_to_response(self.get_context_data(form=form))


class ReviewRecord(PeoplePage):
    """Gives the signed record of a review as a file."""

    any_of: ClassVar[tuple[str, ...]] = ("review_access", "read_ledger")
    http_method_names = ("get",)

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:  # noqa: ARG002  # Django's signature
        """Give the file."""
        review = get_object_or_404(AccessReview, ref=self.kwargs["ref"], signed_at__isnull=False)
        answer = HttpResponse(record_of(review), content_type="application/json")
        answer["Content-Disposition"] = f'attachment; filename="access-review-{review.begun_at:%Y-%m-%d}.json"'
        return answer


class UndertakingTexts(FormPage):
    """The text in force and those before it; a new one makes everybody sign again."""

    any_of: ClassVar[tuple[str, ...]] = ("publish_notice",)
    template_name = "staff/people/texts.html"
    title = pgettext_lazy("people", "Text of the undertaking")
    lead = pgettext_lazy(
        "people", "A new text makes everybody sign again: whoever hasn't by the end of the days of grace is shut out."
    )
    form_class = TextForm
    button = pgettext_lazy("people", "Publish the new text")

    def make_form(self, given: Any = None, files: Any = None) -> forms.Form:
        """Begin with the text in force."""
        if given is not None:
            return super().make_form(given, files)
        text = current_text()
        return self.form_class(initial={f"text_{each}": getattr(text, f"text_{each}") for each in ("fi", "sv", "en")})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the versions."""
        current = current_text()
        signed = User.objects.filter(undertaking__text=current, left_on=None).count()
        versions = UndertakingText.objects.order_by("-in_force_from", "-pk")
        return super().get_context_data(**{"current": current, "signed": signed, "versions": versions, **kwargs})

    def carry_out(self, given: dict[str, Any]) -> None:
        """Publish it."""
        publish_text(
            version=given["version"],
            texts={each: given[f"text_{each}"] for each in ("fi", "sv", "en")},
            in_force_from=given["in_force_from"],
            grace_days=given["grace_days"],
            actor=self.actor,
        )
