"""Addresses of the demo mailbox."""

from django.urls import path

from mailhold.delivery import views

app_name = "mailbox"
urlpatterns = [
    path("", views.mailbox_list, name="list"),
    path("<uuid:mail_id>/", views.mailbox_mail, name="mail"),
    path("<uuid:mail_id>/raw/", views.mailbox_raw, name="raw"),
]
