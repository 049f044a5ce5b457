"""Addresses of the hold queue's pages."""

from django.urls import path

from approvals.api import api
from approvals.views import demo, figures, links, lists, mail, replay, trying

app_name = "approvals"

urlpatterns = [
    path("", lists.home, name="home"),
    path("queue/", lists.queue, name="queue"),
    path("my/", lists.my, name="my"),
    path("policies/try/", trying.try_message, name="try"),
    path("policies/replay/", replay.replays, name="replays"),
    path("policies/replay/<uuid:pk>/", replay.replay_page, name="replay"),
    path("policies/replay/<uuid:pk>/cancel", replay.cancel_replay, name="cancel_replay"),
    path("policies/figures/", figures.policy_figures, name="policy_figures"),
    path("policies/figures/<int:pk>/", figures.policy_figures_of, name="policy_figures_of"),
    path("demo/", demo.start, name="demo"),
    path("demo/sign-in", demo.sign_in, name="demo_sign_in"),
    path("demo/send", demo.send, name="demo_send"),
    path("a/<str:token>", links.show, name="link"),
    path("a/<str:token>/decide", links.post_decision),
    path("a/<str:token>/act", links.post_action),
    path("a/<str:token>/undo", links.post_undo),
    path("a/<str:token>/new", links.post_new_link),
    path("a/<str:token>/more", links.decoy),
    path("api/v1/", api.urls),
    path("m/<uuid:pk>/", mail.message, name="message"),
    path("m/<uuid:pk>/decide", mail.decide_view, name="decide"),
    path("m/<uuid:pk>/undo", mail.undo, name="undo"),
    path("m/<uuid:pk>/act", mail.act, name="act"),
    path("m/<uuid:pk>/edit", mail.edit_view, name="edit"),
    path("m/<uuid:pk>/html", mail.html, name="html"),
    path("m/<uuid:pk>/attachments/<int:index>", mail.attachment, name="attachment"),
    path("m/<uuid:pk>/eml", mail.eml, name="eml"),
    path("m/<uuid:pk>/administer", mail.administer, name="administer"),
]
