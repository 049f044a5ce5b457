"""How gunicorn serves the pages. It writes no access log of its own: RequestLogMiddleware does, without secrets."""

from typing import Any

from django.conf import settings

bind = [settings.WEB_BIND]
worker_class = "gthread"
workers = settings.WEB_PROCESSES
threads = settings.WEB_THREADS
timeout = 120
graceful_timeout = 20
accesslog = None
control_socket_disable = True
# The client's address and scheme come from a proxy only where the settings say that one stands before us.
forwarded_allow_ips = "*" if settings.TRUSTED_PROXIES else ""
_logging: dict[str, Any] = settings.LOGGING
_own_logger = {"handlers": [], "propagate": True, "level": "INFO"}
logconfig_dict = {**_logging, "loggers": {**_logging["loggers"], "gunicorn.error": _own_logger}}
