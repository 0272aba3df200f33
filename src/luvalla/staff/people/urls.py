"""Addresses of the desk of people."""

from __future__ import annotations

from django.urls import path

from luvalla.staff.people import employers, joining, listing, person, reviews

app_name = "staff_people"
urlpatterns = [
    path("", listing.PeopleList.as_view(), name="list"),
    path("appoint/", joining.AppointPerson.as_view(), name="appoint"),
    path("employers/", employers.Employers.as_view(), name="employers"),
    path("employers/new/", employers.RecordEmployer.as_view(), name="new_employer"),
    path("employers/<int:pk>/", employers.RecordEmployer.as_view(), name="employer"),
    path("employers/<int:pk>/end/", employers.EndContract.as_view(), name="end_contract"),
    path("mailboxes/", employers.Mailboxes.as_view(), name="mailboxes"),
    path("mailboxes/new/", employers.RecordMailbox.as_view(), name="new_mailbox"),
    path("mailboxes/<int:pk>/", employers.RecordMailbox.as_view(), name="mailbox"),
    path("mailboxes/<int:pk>/remove/", employers.RemoveMailbox.as_view(), name="remove_mailbox"),
    path("review/", reviews.ReviewPage.as_view(), name="review"),
    path("review/<uuid:ref>/record/", reviews.ReviewRecord.as_view(), name="review_record"),
    path("undertaking/", reviews.UndertakingTexts.as_view(), name="texts"),
    path("<uuid:ref>/", person.PersonPage.as_view(), name="person"),
    path("<uuid:ref>/appointment/", person.ChangeAppointment.as_view(), name="appointment"),
    path("<uuid:ref>/invite/", joining.InviteAgain.as_view(), name="invite"),
    path("<uuid:ref>/paper/", person.RecordPaper.as_view(), name="paper"),
    path("<uuid:ref>/undertaking/", person.UndertakingDocument.as_view(), name="undertaking"),
    path("<uuid:ref>/countersign/", person.Countersign.as_view(), name="countersign"),
    path("<uuid:ref>/shut/", person.Revoke.as_view(), name="shut"),
    path("<uuid:ref>/leave/", person.Leave.as_view(), name="leave"),
]
