"""Addresses of the desk of newsletters."""

from __future__ import annotations

from django.urls import path

from luvalla.staff.campaigns import steps
from luvalla.staff.campaigns.views import CampaignList, CampaignPage, Frame

app_name = "staff_campaigns"
urlpatterns = [
    path("", CampaignList.as_view(), name="list"),
    path("<int:pk>/", CampaignPage.as_view(), name="campaign"),
    path("<int:pk>/as/<slug:mode>/", Frame.as_view(), name="frame"),
    path("<int:pk>/submit/", steps.Submit.as_view(), name="submit"),
    path("<int:pk>/return/", steps.Return.as_view(), name="return"),
    path("<int:pk>/take-back/", steps.TakeBack.as_view(), name="take_back"),
    path("<int:pk>/approve/", steps.Approve.as_view(), name="approve"),
    path("<int:pk>/schedule/", steps.Schedule.as_view(), name="schedule"),
    path("<int:pk>/send/", steps.SendNow.as_view(), name="send"),
    path("<int:pk>/unschedule/", steps.Unschedule.as_view(), name="unschedule"),
    path("<int:pk>/pause/", steps.Pause.as_view(), name="pause"),
    path("<int:pk>/resume/", steps.Resume.as_view(), name="resume"),
    path("<int:pk>/cancel/", steps.Cancel.as_view(), name="cancel"),
    path("<int:pk>/discard/", steps.Discard.as_view(), name="discard"),
    path("<int:pk>/copy/", steps.Copy.as_view(), name="copy"),
    path("<int:pk>/test/", steps.SendTest.as_view(), name="test"),
]
