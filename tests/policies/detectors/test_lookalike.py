"""Which domains look like one that is known."""

import time

import pytest

from policies.detectors.lookalike import find_original

KNOWN = frozenset(
    {"yamada-trading.co.jp", "mail.acme.com", "toyoda.example", "ab.example", "gmail.com", "ヤマダ.example"}
)

LOOKS_LIKE = [
    ("yamada-trading.com", "yamada-trading.co.jp"),  # another suffix
    ("acme.co.jp", "acme.com"),
    ("yarnada-trading.co.jp", "yamada-trading.co.jp"),  # rn for m
    ("yamada-trad1ng.co.jp", "yamada-trading.co.jp"),  # 1 for i
    ("t0yoda.example", "toyoda.example"),
    ("t\u043eyoda.example", "toyoda.example"),  # a Cyrillic o
    ("toyotda.example", "toyoda.example"),  # one letter more
    ("tooyda.example", "toyoda.example"),  # two exchanged
    ("toyota.example", "toyoda.example"),  # one other letter
    ("gmial.com", "gmail.com"),
    ("yamada-trading-group.co.jp", "yamada-trading.co.jp"),  # glued on
    ("toyodabilling.com", "toyoda.example"),
    ("acme.com.evil.example", "acme.com"),  # in front of something else
]


@pytest.mark.parametrize(("domain", "original"), LOOKS_LIKE)
def test_a_domain_that_looks_like_a_known_one_names_it(domain, original):
    assert find_original(domain, KNOWN) == original


@pytest.mark.parametrize(
    "domain",
    [
        "toyoda.example",
        "sub.toyoda.example",
        "acme.com",
        "suzuki.example",
        "abc.example",  # one edit of a short name
        "googlemail.com",  # a mail service of its own right
        "yahoo.co.jp",
        "xn--",
        "",
    ],
)
def test_other_domains_look_like_nothing(domain):
    assert find_original(domain, KNOWN) == ""


def test_thousands_of_known_domains_are_compared_quickly():
    known = frozenset(f"company{number}-trading.co.jp" for number in range(5_000))
    find_original("warm-up.example", known)
    start = time.process_time()
    assert find_original("something-else.example", known) == ""
    assert time.process_time() - start < 1
