import pytest

from approvals.conservation import counts, problems, stuck
from approvals.models import Hold, HoldRecipient
from mailhold.mailstore.models import Recipient


def test_accepted_and_held_mail_is_all_there(accept, one_hold, alice):
    accept()
    one_hold(person=alice, to=("a@client.example", "b@client.example"))

    assert problems() == stuck() == []
    assert counts() == {"received": 1, "waiting": 2}


@pytest.mark.parametrize(
    ("defect", "sentence"),
    [
        (lambda hold: HoldRecipient.objects.filter(hold=hold).delete(), "1 recipients are in no hold."),
        (
            lambda hold: Recipient.objects.filter(hold_link__hold=hold).update(status="delivered"),
            "1 recipients are in a status that the hold state held does not allow.",
        ),
        (
            lambda hold: Hold.objects.filter(pk=hold.pk).update(state="canceled"),
            "1 recipients are in a status that the hold state canceled does not allow.",
        ),
        (
            lambda hold: Recipient.objects.filter(hold_link__hold=hold).update(status="received"),
            "1 recipients of screened messages are in the status received.",
        ),
        (
            lambda hold: Hold.objects.filter(pk=hold.pk).update(release_at=None, deadline_at=None),
            "1 holds wait for nothing that will ever come.",
        ),
        (
            lambda hold: hold.gates.create(ordinal=1, kind="approval"),
            "1 holds wait for the clock while a gate is shut.",
        ),
    ],
)
def test_every_kind_of_loss_is_found(defect, sentence, one_hold, alice):
    from django.db import transaction

    hold = one_hold(person=alice)
    with transaction.atomic():
        defect(hold)
        assert sentence in [*problems(), *stuck()]
        transaction.set_rollback(True)
