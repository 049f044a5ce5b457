"""Addresses of the pages about people."""

from django.urls import path

from mailhold.directory import views

app_name = "people"

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("profile/language", views.change_language, name="language"),
    path("profile/theme", views.change_theme, name="theme"),
    path("profile/passwords", views.make_application_password, name="make_application_password"),
    path(
        "profile/passwords/<int:pk>/revoke",
        views.revoke_application_password,
        name="revoke_application_password",
    ),
    path("setup/<str:token>/", views.set_up, name="set_up"),
]
