"""Replays: what a draft of the policies would have done to the mail of some days, as far as it was worked out."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from mailhold.ids import uuid7
from mailhold.mailstore.models import Message


class Replay(models.Model):
    """A draft against the mail between two times. Workers judge it slice by slice; `counters` is what came out so far.

    Mail is walked from the newest to the oldest; `position` is the last message that is counted.
    """

    class State(models.TextChoices):
        """How far it has come."""

        WAITING = "waiting", pgettext_lazy("replay", "waiting to begin")
        RUNNING = "running", pgettext_lazy("replay", "running")
        DONE = "done", pgettext_lazy("replay", "finished")
        CANCELED = "canceled", pgettext_lazy("replay", "canceled")
        FAILED = "failed", pgettext_lazy("replay", "failed")

    OPEN = (State.WAITING, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField(_("asked for at"))
    made_by = models.CharField(_("asked for by"), max_length=320, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    # Why it failed, as {ja, en}.
    problem = models.JSONField(null=True)

    # The whole draft as a policy file, what was changed for it, and the version of the policies beside it.
    draft = models.TextField(_("draft"))
    about = models.JSONField(default=dict)
    policy_version = models.PositiveIntegerField(_("policy version"), default=0)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    time_zone = models.CharField(max_length=64)  # in which a day is a day

    total = models.PositiveIntegerField(_("messages"), default=0)
    done = models.PositiveIntegerField(_("judged"), default=0)
    position = models.UUIDField(null=True)
    counters = models.JSONField(default=dict)

    # How often a slice was begun since one was kept; the lease of the one that runs; when the bell rings again.
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    next_at = models.DateTimeField()

    class Meta:
        verbose_name = _("replay")
        verbose_name_plural = _("replays")
        indexes = (
            models.Index(
                fields=["made_at"], name="replay_open", condition=Q(state__in=["waiting", "running"])
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "done", "canceled", "failed"]),
                name="replay_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], ended_at__isnull=True)
                | Q(state__in=["done", "canceled", "failed"], ended_at__isnull=False),
                name="replay_ended_has_a_time",
            ),
            models.CheckConstraint(condition=Q(since__lt=F("until")), name="replay_has_a_span"),
        )

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_open(self) -> bool:
        """Tell whether there is more to come."""
        return self.state in self.OPEN


class ReplaySample(models.Model):
    """One message of a replay to look at: what would happen to it. Its content and what did happen stay where they are."""

    replay = models.ForeignKey(Replay, models.CASCADE, related_name="samples")
    message = models.ForeignKey(Message, models.CASCADE, related_name="+")
    group = models.CharField(max_length=12)
    would = models.JSONField(default=list)  # texts as {ja, en}
    reasons = models.JSONField(default=list)  # as with a hold

    class Meta:
        verbose_name = _("sample of a replay")
        verbose_name_plural = _("samples of replays")
        constraints = (models.UniqueConstraint(fields=["replay", "message"], name="replay_sample_once"),)

    def __str__(self) -> str:
        return f"{self.replay_id}: {self.message_id}"
