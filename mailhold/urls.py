"""Which package answers which address. /healthz and /readyz are answered earlier, by HealthMiddleware."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.utils.translation import gettext_lazy as _

admin.site.site_header = _("mailhold administration")
admin.site.site_title = _("mailhold administration")
admin.site.index_title = _("What administrators own")

# Django's own sign-in page for administrators knows no second factor, so they come in by the door of everybody.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("mailhold.directory.urls")),
    path("mailbox/", include("mailhold.delivery.urls")),
    path("", include("approvals.urls")),
]

handler500 = "mailhold.errors.server_error"
