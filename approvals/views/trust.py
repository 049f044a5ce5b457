"""How much a POST behind a link is to be believed: the page's nonce, the rate, programs, the second factor."""

import hashlib

from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from approvals.models import Link
from approvals.views.factor import lacks_second_factor

NONCE_SALT = "approvals.link"
NONCE_SECONDS = 1800
# Looking and pressing, for one link and minute.
POSTS_A_MINUTE = 30
ROBOT_SECONDS = 600


def make_nonce(link: Link) -> str:
    """Return what a page's form must bring back within NONCE_SECONDS."""
    return signing.dumps({"link": link.pk, "revision": str(link.revision_id)}, salt=NONCE_SALT)


def nonce_is_good(request: HttpRequest, link: Link) -> bool:
    """Say whether the form comes from a page of this link that was shown a short while ago."""
    try:
        value = signing.loads(request.POST.get("nonce", ""), salt=NONCE_SALT, max_age=NONCE_SECONDS)
    except signing.BadSignature:
        return False
    return bool(value == {"link": link.pk, "revision": str(link.revision_id)})


def too_many_posts(link: Link) -> bool:
    """Count a POST, and say whether there were too many for this link in this minute."""
    key = f"link-posts:{link.pk}:{int(timezone.now().timestamp()) // 60}"
    cache.add(key, 0, 120)
    try:
        return cache.incr(key) > POSTS_A_MINUTE
    except ValueError:
        # The cache was full and threw the count away meanwhile.
        return False


def is_link_person(request: HttpRequest, link: Link) -> bool:
    """Say whether the one for whom the link is has signed in."""
    return request.user.is_authenticated and request.user.pk == link.person_id


def needs_sign_in(request: HttpRequest, link: Link) -> bool:
    """Say whether the link alone is not enough here: by policy (L2), or because a program followed the decoy."""
    if link.hold.link_level == "L2":
        return not is_link_person(request, link) or lacks_second_factor(request, link.hold)
    return bool(cache.get(_robot_key(request, link))) and not is_link_person(request, link)


def mark_as_robot(request: HttpRequest, link: Link) -> None:
    """Let this client's POSTs to the link need signing in for ROBOT_SECONDS."""
    cache.set(_robot_key(request, link), True, ROBOT_SECONDS)


def _robot_key(request: HttpRequest, link: Link) -> str:
    client = f"{request.META.get('REMOTE_ADDR', '')}|{request.headers.get('User-Agent', '')}"
    return f"robot:{link.pk}:{hashlib.sha256(client.encode()).hexdigest()[:32]}"
