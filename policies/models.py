"""Policies as administrators keep them, and every version of them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from mailhold.directory.models import Department
from mailhold.ids import uuid7
from policies.keys import KEY_PATTERN, LAST_PRIORITY, LONGEST_DESCRIPTION, LONGEST_KEY, LONGEST_NAME
from policies.languages import action_choices, condition_choices

LONGEST_COMMENT = 1_000
# Of all who had a part in a version.
LONGEST_AUTHORS = 2_000


class Policy(models.Model):
    """Whose mail, under which conditions, must go through what."""

    class Mode(models.TextChoices):
        """Whether a policy acts."""

        ENFORCE = "enforce", _("enforce")
        WATCH = "watch", _("watch only")

    key = models.CharField(
        _("key"),
        max_length=LONGEST_KEY,
        unique=True,
        validators=[
            RegexValidator(
                rf"^{KEY_PATTERN}\Z",
                _("Use small letters a to z, digits and single hyphens, such as external-mail."),
            )
        ],
        help_text=_("A short lasting name by which policy files know it: small letters, digits and hyphens."),
    )
    name_ja = models.CharField(_("name in Japanese"), max_length=LONGEST_NAME)
    name_en = models.CharField(_("name in English"), max_length=LONGEST_NAME)
    description = models.TextField(
        _("description"),
        max_length=LONGEST_DESCRIPTION,
        blank=True,
        help_text=_("For administrators: why this policy exists."),
    )
    priority = models.PositiveIntegerField(
        _("priority"),
        default=100,
        validators=[MaxValueValidator(LAST_PRIORITY)],
        help_text=_("Policies are applied from the lowest number to the highest."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    mode = models.CharField(
        _("mode"),
        max_length=10,
        choices=Mode.choices,
        default=Mode.ENFORCE,
        help_text=_("“Watch only” records which mail would match and does nothing else."),
    )
    for_everyone = models.BooleanField(
        _("for everyone's mail"),
        default=True,
        help_text=_(
            "Clear it to choose people or departments below; then the policy is for their mail alone."
        ),
    )
    scope_people = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("people")
    )
    scope_departments = models.ManyToManyField(
        Department,
        blank=True,
        related_name="+",
        verbose_name=_("departments"),
        help_text=_("With all departments below them."),
    )
    stop = models.BooleanField(
        _("stop processing more policies"),
        default=False,
        help_text=_("Where this policy matches, policies after it are not applied to that recipient."),
    )

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        ordering = ("priority", "id")
        constraints = (
            models.CheckConstraint(condition=Q(mode__in=("enforce", "watch")), name="policy_mode_is_known"),
        )

    def __str__(self) -> str:
        return self.key


class PolicyCondition(models.Model):
    """A condition of a policy, or an exception from it."""

    policy = models.ForeignKey(
        Policy, models.CASCADE, related_name="all_conditions", verbose_name=_("policy")
    )
    is_exception = models.BooleanField(_("exception"), default=False)
    kind = models.CharField(_("kind"), max_length=60, choices=condition_choices)
    choice = models.CharField(_("choice"), max_length=30, blank=True)
    number = models.PositiveIntegerField(_("number (at least)"), null=True, blank=True)
    values = models.TextField(_("values"), blank=True, help_text=_("One per line."))

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.get_kind_display()


class PolicyAction(models.Model):
    """What a policy asks for."""

    class ApproversKind(models.TextChoices):
        """Who approves."""

        MANAGER = "manager", _("the sender's manager")
        PERSONS = "persons", _("the people chosen below")
        DEPARTMENT = "department", _("anyone in the department chosen below")
        ADMINISTRATORS = "administrators", _("any administrator")
        PEERS = "peers", _("any peer of the sender")

    class Link(models.TextChoices):
        """How much a decision link proves by itself."""

        L0 = "L0", _("the link is enough")
        L2 = "L2", _("sign in with a second factor")

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="actions", verbose_name=_("policy"))
    kind = models.CharField(_("kind"), max_length=60, choices=action_choices)
    seconds = models.PositiveIntegerField(_("how long"), null=True, blank=True)
    sender_may_send_now = models.BooleanField(_("sender may send now"), default=False)
    approvers = models.CharField(_("who approves"), max_length=20, choices=ApproversKind.choices, blank=True)
    persons = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        verbose_name=_("people who approve, or are told"),
    )
    # Protected: an approval that loses its department would be one that nobody can give.
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department that approves"),
    )
    needed = models.PositiveSmallIntegerField(_("approvals needed"), default=1)
    deadline_seconds = models.PositiveIntegerField(_("deadline"), null=True, blank=True)
    link_level = models.CharField(_("links in mail"), max_length=2, choices=Link.choices, default=Link.L0)
    allow_self = models.BooleanField(_("sender may approve own mail"), default=False)
    text_ja = models.TextField(_("text in Japanese"), max_length=2000, blank=True)
    text_en = models.TextField(_("text in English"), max_length=2000, blank=True)
    points = models.PositiveIntegerField(_("points"), null=True, blank=True)
    header = models.CharField(
        _("header"), max_length=500, blank=True, help_text=_("Such as X-Policy: checked.")
    )
    address = models.CharField(_("address for the copy (Cc or Bcc)"), max_length=320, blank=True)
    tag = models.CharField(
        _("text in front of the subject"), max_length=40, blank=True, help_text=_("Such as [External].")
    )

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(link_level__in=("L0", "L2")), name="policy_link_level_is_known"
            ),
            models.CheckConstraint(condition=Q(needed__gte=1), name="policy_needs_an_approval"),
        )

    def __str__(self) -> str:
        return self.get_kind_display()


class PolicyRules(models.Model):
    """How all policies are applied together: one row at most, and the first values where there is none."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    first_only = models.BooleanField(
        _("the first policy that matches decides alone"),
        default=False,
        help_text=_("Otherwise the strictest of all that match holds."),
    )
    wait = models.PositiveIntegerField(_("points: wait 1 minute"), default=20)
    check_points = models.PositiveIntegerField(_("points: 5 minutes with the sender's own check"), default=40)
    peer = models.PositiveIntegerField(_("points: approval by a peer"), default=60)
    manager = models.PositiveIntegerField(_("points: approval by the manager"), default=80)

    class Meta:
        verbose_name = _("rules of the policies")
        verbose_name_plural = _("rules of the policies")
        constraints = (models.CheckConstraint(condition=Q(id=1), name="policy_rules_once"),)

    def __str__(self) -> str:
        return str(_("rules of the policies"))


class RecipientList(models.Model):
    """Addresses and domains under a name, for conditions to refer to."""

    name = models.CharField(_("name"), max_length=LONGEST_NAME, unique=True)
    entries = models.TextField(
        _("entries"),
        help_text=_(
            "One per line: taro@partner.example, partner.example, or .partner.example for sub-domains too."
        ),
    )

    class Meta:
        verbose_name = _("list of recipients")
        verbose_name_plural = _("lists of recipients")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Calendar(models.Model):
    """When an office is open: hours for each day of the week, and days on which it is closed."""

    name = models.CharField(_("name"), max_length=LONGEST_NAME, unique=True)
    default = models.BooleanField(
        _("default"),
        default=False,
        help_text=_("Used by conditions that name no calendar. There is one at most."),
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default=settings.TIME_ZONE)
    monday_from = models.TimeField(_("Monday from"), null=True, blank=True)
    monday_until = models.TimeField(_("Monday until"), null=True, blank=True)
    tuesday_from = models.TimeField(_("Tuesday from"), null=True, blank=True)
    tuesday_until = models.TimeField(_("Tuesday until"), null=True, blank=True)
    wednesday_from = models.TimeField(_("Wednesday from"), null=True, blank=True)
    wednesday_until = models.TimeField(_("Wednesday until"), null=True, blank=True)
    thursday_from = models.TimeField(_("Thursday from"), null=True, blank=True)
    thursday_until = models.TimeField(_("Thursday until"), null=True, blank=True)
    friday_from = models.TimeField(_("Friday from"), null=True, blank=True)
    friday_until = models.TimeField(_("Friday until"), null=True, blank=True)
    saturday_from = models.TimeField(_("Saturday from"), null=True, blank=True)
    saturday_until = models.TimeField(_("Saturday until"), null=True, blank=True)
    sunday_from = models.TimeField(_("Sunday from"), null=True, blank=True)
    sunday_until = models.TimeField(_("Sunday until"), null=True, blank=True)
    holidays = models.BooleanField(_("closed on the public holidays of Japan"), default=True)
    closed_days = models.TextField(
        _("further closed days"), blank=True, help_text=_("One per line, such as 2026-12-29.")
    )

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=["default"], condition=Q(default=True), name="calendar_default_once"
            ),
        )

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """The whole set of policies as it stood from a moment on, as a policy file.

    The identifier is new with every version, even where a number was rolled back and given again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(_("number"), unique=True)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.CharField(
        _("made by"),
        max_length=LONGEST_AUTHORS,
        blank=True,
        help_text=_("A person's address; empty where the system acted."),
    )
    agreed_by = models.CharField(
        _("agreed by"),
        max_length=320,
        blank=True,
        help_text=_("The second administrator; empty where none was needed."),
    )
    text = models.TextField(_("policies"))
    # The same set as plain values with the numbers that its rows had (policies.frozen), "" in versions made before that.
    frozen = models.TextField(editable=False, blank=True, default="")
    # What it changed, as policies.telling keeps that; None in versions made before that.
    changes = models.JSONField(editable=False, null=True, default=None)

    class Meta:
        verbose_name = _("version of the policies")
        verbose_name_plural = _("versions of the policies")
        ordering = ("-number",)

    def __str__(self) -> str:
        return str(self.number)


class PolicyProposal(models.Model):
    """A change that waits, or waited, for the agreement of a second administrator (docs/adr).

    While one waits, the tables hold the policies as it wants them, and what is in force is the newest version.
    """

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", pgettext_lazy("change of the policies", "waiting")
        AGREED = "agreed", pgettext_lazy("change of the policies", "agreed")
        REFUSED = "refused", pgettext_lazy("change of the policies", "refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("change of the policies", "withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    base = models.PositiveIntegerField(_("version in force"))
    text = models.TextField(_("policies"))
    changes = models.JSONField(editable=False)
    # Grows with each change that joins: whoever agrees says to what.
    edition = models.PositiveIntegerField(editable=False, default=1)
    # Who had a part in it: {"person": number or null, "address": address}, in the order of their first part.
    authors = models.JSONField(editable=False, default=list)
    opened_at = models.DateTimeField(_("since"))
    changed_at = models.DateTimeField(_("last changed at"))
    comment = models.TextField(_("why"), max_length=LONGEST_COMMENT, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.CharField(_("decided by"), max_length=320, blank=True)
    answer = models.TextField(_("comment"), max_length=LONGEST_COMMENT, blank=True)
    alone = models.BooleanField(_("without a second administrator"), default=False)
    version = models.PositiveIntegerField(_("version"), null=True)

    class Meta:
        verbose_name = _("proposed change of the policies")
        verbose_name_plural = _("proposed changes of the policies")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="waiting"), name="policy_proposal_waits_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "agreed", "refused", "withdrawn")),
                name="policy_proposal_state_is_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.opened_at:%Y-%m-%d %H:%M}"


class KeptDepartment(models.Model):
    """A department that a policy in force needs, and perhaps no row any more while a change waits."""

    proposal = models.ForeignKey(PolicyProposal, models.CASCADE, related_name="kept_departments")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("department of the policies in force")
        verbose_name_plural = _("departments of the policies in force")

    def __str__(self) -> str:
        return str(self.department)
