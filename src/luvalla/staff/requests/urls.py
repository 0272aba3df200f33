"""Addresses of the requests desk: random references only, never a case number or an address."""

from __future__ import annotations

from django.urls import path

from luvalla.staff.requests.case import CasePage, FoundPage, SaidPage
from luvalla.staff.requests.copies import AddReceiver, IncomingPage, ReceiverList, TakeInPage
from luvalla.staff.requests.custody import CustodyPage, CustodyTaskPage
from luvalla.staff.requests.disclosees import (
    DiscloseeLetter,
    DiscloseeList,
    DisclosurePage,
    NoteDisclosure,
    NoteImpossible,
    NotePosted,
)
from luvalla.staff.requests.downloads import FileDownload, LetterDownload, PackDownload, PortableDownload
from luvalla.staff.requests.entry import EntryPage
from luvalla.staff.requests.figures import Figures, YearlyReport
from luvalla.staff.requests.held import HeldList
from luvalla.staff.requests.listing import RequestList
from luvalla.staff.requests.steps import StepPage, TaskPage, WithholdPage

app_name = "staff_requests"
urlpatterns = [
    path("", RequestList.as_view(), name="list"),
    path("new/", EntryPage.as_view(), name="new"),
    path("held/", HeldList.as_view(), name="held"),
    path("take-in/", TakeInPage.as_view(), name="take_in"),
    path("incoming/<uuid:ref>/", IncomingPage.as_view(), name="incoming"),
    path("receivers/", ReceiverList.as_view(), name="receivers"),
    path("receivers/new/", AddReceiver.as_view(), name="add_receiver"),
    path("disclosees/", DiscloseeList.as_view(), name="disclosees"),
    path("disclosees/note/", NoteDisclosure.as_view(), name="note_disclosure"),
    path("disclosees/noted/<uuid:ref>/", DisclosurePage.as_view(), name="disclosure"),
    path("disclosees/<int:pk>/letter.pdf", DiscloseeLetter.as_view(), name="disclosee_letter"),
    path("disclosees/<int:pk>/posted/", NotePosted.as_view(), name="disclosee_posted"),
    path("disclosees/<int:pk>/untold/", NoteImpossible.as_view(), name="disclosee_untold"),
    path("figures/", Figures.as_view(), name="figures"),
    path("figures/<int:year>.pdf", YearlyReport.as_view(), name="report"),
    path("<uuid:ref>/", CasePage.as_view(), name="case"),
    path("<uuid:ref>/complaints/<int:pk>.zip", PackDownload.as_view(), name="authority_pack"),
    path("<uuid:ref>/portable.json", PortableDownload.as_view(), name="portable"),
    path("<uuid:ref>/said/", SaidPage.as_view(), name="said"),
    path("<uuid:ref>/found/<int:pk>/", FoundPage.as_view(), name="found"),
    path("<uuid:ref>/found/<int:pk>/<int:number>/", WithholdPage.as_view(), name="withhold"),
    path("<uuid:ref>/files/<uuid:file>/", FileDownload.as_view(), name="file"),
    path("<uuid:ref>/letters/<uuid:letter>/", LetterDownload.as_view(), name="letter"),
    path("<uuid:ref>/paper/", CustodyPage.as_view(), name="custody"),
    path("<uuid:ref>/paper/<uuid:task>/", CustodyTaskPage.as_view(), name="custody_task"),
    path("<uuid:ref>/tasks/<uuid:task>/", TaskPage.as_view(), name="task"),
    path("<uuid:ref>/<slug:step>/", StepPage.as_view(), name="step"),
]
