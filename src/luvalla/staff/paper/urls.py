"""Addresses of the desk of paper. An item's is on its label as a code: a random reference and nothing else."""

from __future__ import annotations

from django.urls import path

from luvalla.staff.paper.bringing import EnterItem, LabelFile, PrintLetter
from luvalla.staff.paper.cases import PrintCase, PrintCaseCopy, PrintCaseFile, PrintCaseLetter
from luvalla.staff.paper.changing import AnswerChange
from luvalla.staff.paper.destroying import Destroy, DestroySeveral, Protocol, Witness
from luvalla.staff.paper.places import PlaceList
from luvalla.staff.paper.searches import AnswerSearch
from luvalla.staff.paper.steps import (
    CheckOut,
    Describe,
    GiveUpAsLost,
    LockAway,
    TakeOver,
)
from luvalla.staff.paper.stock import StockTakePage
from luvalla.staff.paper.views import ItemPage, PaperList

app_name = "staff_paper"
urlpatterns = [
    path("", PaperList.as_view(), name="list"),
    path("enter/", EnterItem.as_view(), name="enter"),
    path("print/", PrintLetter.as_view(), name="print"),
    path("print/case/<uuid:ref>/", PrintCase.as_view(), name="print_case"),
    path("print/copy/<uuid:ref>/", PrintCaseCopy.as_view(), name="print_case_copy"),
    path("print/letter/<uuid:letter>/", PrintCaseLetter.as_view(), name="print_case_letter"),
    path("print/file/<uuid:file>/", PrintCaseFile.as_view(), name="print_case_file"),
    path("places/", PlaceList.as_view(), name="places"),
    path("stock-take/", StockTakePage.as_view(), name="stock"),
    path("destroy/", DestroySeveral.as_view(), name="destroy_several"),
    path("destroyed/<uuid:ref>/", Witness.as_view(), name="witness"),
    path("destroyed/<uuid:ref>/protocol/", Protocol.as_view(), name="protocol"),
    path("searches/<uuid:ref>/", AnswerSearch.as_view(), name="search"),
    path("changes/<uuid:ref>/", AnswerChange.as_view(), name="change"),
    path("<uuid:ref>/", ItemPage.as_view(), name="item"),
    path("<uuid:ref>/label/", LabelFile.as_view(), name="label"),
    path("<uuid:ref>/lock-away/", LockAway.as_view(), name="lock_away"),
    path("<uuid:ref>/check-out/", CheckOut.as_view(), name="check_out"),
    path("<uuid:ref>/take-over/", TakeOver.as_view(), name="take_over"),
    path("<uuid:ref>/describe/", Describe.as_view(), name="describe"),
    path("<uuid:ref>/lost/", GiveUpAsLost.as_view(), name="lost"),
    path("<uuid:ref>/destroy/", Destroy.as_view(), name="destroy"),
]
