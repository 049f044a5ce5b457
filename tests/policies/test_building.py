"""Building a policy in the administration: what the form asks for, suggests, says and keeps."""

import re
from html import unescape

import pytest
from django.urls import reverse

from policies.actions.registry import ACTION_KINDS
from policies.conditions.registry import CONDITION_KINDS
from policies.loading import active_policies, current_version
from policies.models import Policy, PolicyAction, PolicyCondition, RecipientList
from policies.spec import Action, Condition
from policies.verdict import Approvers

ADD = "/admin/policies/policy/add/"
SENTENCE = "/admin/policies/policy/sentence/0/"
FIELDS = "/admin/policies/policy/fields/{}/"


@pytest.fixture
def page(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def japanese(admin):
    type(admin).objects.filter(pk=admin.pk).update(language="ja")


def form(*conditions, exceptions=(), actions=(), **more):
    """Return what a browser sends for a policy with these parts, each a dictionary of its fields."""
    filled = {
        "name_en": "Numbers",
        "priority": "100",
        "enabled": "on",
        "mode": "enforce",
        "for_everyone": "on",
    }
    for prefix, parts in (("conditions", conditions), ("exceptions", exceptions), ("actions", actions)):
        filled |= {f"{prefix}-TOTAL_FORMS": str(len(parts)), f"{prefix}-INITIAL_FORMS": "0"}
        for place, part in enumerate(parts):
            filled |= {f"{prefix}-{place}-{name}": value for name, value in part.items()}
    return filled | more


EXTERNAL = {"kind": "recipient_is", "choice": "external"}
PHONES = {"kind": "personal_data", "values": ["phone"], "number": "10", "choice": "attachments"}
PARTNER = {"kind": "recipient_domain", "values": "partner.example"}
MANAGER = {"kind": "approval", "approvers": "manager", "deadline_seconds": "24h"}


def fragment(page, part, kind, prefix=None):
    prefix = prefix or {"condition": "conditions-3", "action": "actions-0"}[part]
    response = page.get(FIELDS.format(part), {"kind": kind, "prefix": prefix})
    assert response.status_code == 200
    return response.content.decode()


def names_in(html):
    return {
        name.rpartition("-")[2]
        for name in re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', html)
    }


class TestTheFieldsOfAKind:
    @pytest.mark.parametrize("kind", CONDITION_KINDS, ids=lambda kind: kind.code)
    def test_a_condition_asks_for_what_its_kind_takes_and_for_nothing_else(self, page, kind):
        asked = names_in(fragment(page, "condition", kind.code)) - {"shown"}
        wanted = {"values"} if kind.values is not None and not kind.names else set()
        wanted |= {"number"} if kind.number is not None else set()
        wanted |= {"choice"} if kind.choices else set()
        assert asked - {option.code for option in kind.options} == wanted

    @pytest.mark.parametrize("kind", ACTION_KINDS, ids=lambda kind: kind.code)
    def test_an_action_asks_for_what_its_kind_takes_and_for_nothing_else(self, page, kind):
        asked = names_in(fragment(page, "action", kind.code)) - {"shown"}
        columns = {"ids": {"persons"}, "text": {"text_ja", "text_en"}}
        wanted = set().union(*(columns.get(name, {name}) for name in kind.takes))
        assert asked == wanted | ({"department"} if "approvers" in kind.takes else set())

    @pytest.mark.parametrize("kind", CONDITION_KINDS, ids=lambda kind: kind.code)
    def test_what_a_kind_suggests_fits_it(self, kind):
        choice = kind.suggested or (kind.choices[0].code if kind.choices else "")
        condition = Condition(kind=kind.code, choice=choice, number=kind.number and kind.number.suggested)
        assert [flaw for flaw in kind.flaws(condition) if flaw.parameter != "values"] == []

    @pytest.mark.parametrize(
        "kind", [kind for kind in ACTION_KINDS if kind.suggested], ids=lambda kind: kind.code
    )
    def test_what_an_action_suggests_fits_it(self, kind):
        assert kind.flaws(Action(kind=kind.code, **kind.suggested)) == []

    def test_they_are_filled_in_as_the_kind_suggests(self, page):
        html = fragment(page, "condition", "personal_data")
        assert re.search(r'name="conditions-3-number" value="10"', html)
        assert '<option value="everywhere" selected>' in html
        html = fragment(page, "action", "approval")
        assert '<option value="manager" selected>' in html
        assert 'value="24h"' in html
        assert 'value="5m"' in fragment(page, "action", "hold")

    def test_personal_data_is_ticked_by_its_name(self, page, japanese):
        html = unescape(fragment(page, "condition", "personal_data"))
        assert re.search(r'<label><input type="checkbox"[^>]* value="phone"[^>]*> 電話番号</label>', html)
        assert "my_number(" not in html

    def test_lists_and_departments_are_ticked_and_where_there_is_none_one_can_be_added(self, page, sales):
        assert f'value="{sales.name}"' in fragment(page, "condition", "sender_department")
        html = fragment(page, "condition", "recipient_list")
        assert "There is no list of recipients yet." in html
        assert 'href="/admin/policies/recipientlist/add/"' in html
        RecipientList.objects.create(name="partners", entries="partner.example")
        assert 'value="partners"' in fragment(page, "condition", "recipient_list")

    def test_without_a_kind_there_is_nothing_to_fill_in(self, page):
        assert names_in(fragment(page, "condition", "")) == {"shown"}
        assert names_in(fragment(page, "condition", "telepathy")) == {"shown"}

    @pytest.mark.parametrize("prefix", ["", "x", 'conditions-0"><script>', "conditions-99999", "persons-0"])
    def test_only_forms_of_the_page_have_fields(self, page, prefix):
        response = page.get(FIELDS.format("condition"), {"kind": "words", "prefix": prefix})
        assert response.status_code == 404

    def test_they_are_for_whoever_may_change_policies(self, client, mallory):
        type(mallory).objects.filter(pk=mallory.pk).update(is_staff=True)
        client.force_login(mallory)
        assert (
            client.get(FIELDS.format("condition"), {"kind": "words", "prefix": "conditions-0"}).status_code
            == 403
        )
        assert client.post(SENTENCE, form(EXTERNAL, actions=[MANAGER])).status_code == 403


class TestTheSentence:
    def said(self, page, filled):
        response = page.post(SENTENCE, filled)
        assert response.status_code == 200
        return unescape(re.sub("<[^>]+>", "", response.content.decode())).strip()

    def test_it_says_what_is_filled_in_and_saves_nothing(self, page):
        filled = form(EXTERNAL, PHONES, exceptions=[PARTNER], actions=[MANAGER])
        assert self.said(page, filled) == (
            "If the recipient is external and an attachment holds 10 or more of phone number, then the manager must "
            "approve, unless the recipient's domain is “partner.example”"
        )
        assert not Policy.objects.exists()
        assert current_version() == 0

    def test_it_is_japanese_for_a_japanese_reader(self, page, japanese):
        said = self.said(page, form(EXTERNAL, PHONES, exceptions=[PARTNER], actions=[MANAGER]))
        assert said.startswith("もし 宛先が社外 かつ 添付の中身に電話番号が")
        assert said.endswith(
            "10件以上 なら 上長の承認(ただし 宛先のドメインが「partner.example」 なら対象外)"
        )

    def test_what_is_not_complete_is_left_out_and_the_page_says_so(self, page):
        said = self.said(page, form(EXTERNAL, PHONES | {"number": "0"}, actions=[MANAGER]))
        assert said.startswith("If the recipient is external, then the manager must approve")
        assert "Something is still missing" in said

    def test_before_anything_is_chosen_it_says_what_to_do(self, page):
        assert self.said(page, form({"kind": ""}, actions=[{"kind": ""}])).startswith(
            "Choose conditions and actions"
        )

    def test_a_part_that_is_to_be_deleted_is_not_said(self, page):
        said = self.said(page, form(EXTERNAL, PHONES | {"DELETE": "on"}, actions=[MANAGER]))
        assert said == "If the recipient is external, then the manager must approve"

    def test_people_are_called_by_their_names(self, page, bob, sales):
        chosen = MANAGER | {"approvers": "persons", "persons": [bob.pk], "needed": "1"}
        filled = form(EXTERNAL, actions=[chosen], for_everyone="", scope_departments=[sales.pk])
        assert str(bob) in self.said(page, filled)
        assert f"in {sales.name}" in self.said(page, filled)

    @pytest.mark.parametrize("broken", [{"conditions-TOTAL_FORMS": "x"}, {"conditions-TOTAL_FORMS": "99999"}])
    def test_a_form_that_no_page_made_breaks_nothing(self, page, broken):
        assert page.post(SENTENCE, form(EXTERNAL, actions=[MANAGER]) | broken).status_code == 200


class TestSaving:
    def saved(self, page, filled):
        response = page.post(ADD, filled)
        assert response.status_code == 302, response.context["errors"]
        return active_policies()[-1]

    def test_what_was_ticked_is_kept_as_codes(self, page):
        phones = PHONES | {"values": ["phone", "my_number"], "values-my_number": "1"}
        policy = self.saved(page, form(phones, actions=[MANAGER]))
        assert policy.conditions == (
            Condition(kind="personal_data", values=("phone", "my_number=1"), number=10, choice="attachments"),
        )
        text = page.get(reverse("admin:policies_policy_change", args=(policy.id,))).content.decode()
        assert re.search(r'value="phone" checked', text)
        assert re.search(r'value="my_number" checked', text)
        assert re.search(r'name="conditions-0-values-my_number" value="1"', text)
        assert not re.search(r'value="passport" checked', text)

    def test_a_number_of_its_own_ticks_its_type(self, page):
        policy = self.saved(page, form(PHONES | {"values-passport": "2"}, actions=[MANAGER]))
        assert policy.conditions[0].values == ("phone", "passport=2")

    def test_a_name_that_is_gone_stays_in_sight_until_it_is_taken_away(self, page):
        RecipientList.objects.create(name="partners", entries="partner.example")
        policy = self.saved(page, form({"kind": "recipient_list", "values": ["partners"]}, actions=[MANAGER]))
        PolicyCondition.objects.update(values="gone")
        text = page.get(reverse("admin:policies_policy_change", args=(policy.id,))).content.decode()
        assert re.search(r'value="gone" checked', text)

    def test_one_name_is_enough_and_the_key_makes_itself(self, page):
        assert (
            self.saved(page, form(EXTERNAL, actions=[MANAGER], name_en="Ten -- Phone Numbers")).key
            == "ten-phone-numbers"
        )
        again = self.saved(page, form(EXTERNAL, actions=[MANAGER], name_en="Ten phone numbers"))
        assert (again.key, again.name.ja, again.name.en) == (
            "ten-phone-numbers-2",
            "Ten phone numbers",
            "Ten phone numbers",
        )
        japanese = self.saved(page, form(EXTERNAL, actions=[MANAGER], name_en="", name_ja="電話番号"))
        assert (japanese.key, japanese.name.en) == ("policy", "電話番号")

    def test_a_name_of_any_length_makes_a_key(self, page):
        keys = [self.saved(page, form(EXTERNAL, actions=[MANAGER], name_en="x" * 200)).key for _ in range(2)]
        assert len(set(keys)) == 2

    def test_what_the_kind_does_not_take_is_left_out(self, page):
        policy = self.saved(
            page,
            form(
                EXTERNAL | {"number": "3", "values": "left from another kind"},
                actions=[
                    {
                        "kind": "hold",
                        "seconds": "5m",
                        "approvers": "manager",
                        "deadline_seconds": "1h",
                        "needed": "7",
                    }
                ],
            ),
        )
        assert policy.conditions == (Condition(kind="recipient_is", choice="external"),)
        assert policy.actions == (Action(kind="hold", seconds=300),)

    def test_what_another_way_to_approve_would_ask_for_is_left_out(self, page, bob, sales):
        chosen = MANAGER | {"persons": [bob.pk], "department": sales.pk, "needed": "2"}
        policy = self.saved(page, form(EXTERNAL, actions=[chosen]))
        assert policy.actions == (
            Action(kind="approval", approvers=Approvers.MANAGER, deadline_seconds=86_400),
        )
        assert not PolicyAction.objects.get().persons.exists()

    def test_another_kind_leaves_nothing_of_the_one_before(self, page, bob, alice):
        told = {"kind": "notify", "persons": [bob.pk, alice.pk]}
        policy = self.saved(page, form(PHONES, actions=[told, MANAGER]))
        row = PolicyCondition.objects.get()
        first, second = PolicyAction.objects.order_by("id")
        filled = form(
            EXTERNAL | {"id": row.pk},
            actions=[{"kind": "hold", "seconds": "5m", "id": first.pk}, MANAGER | {"id": second.pk}],
        ) | {"conditions-INITIAL_FORMS": "1", "actions-INITIAL_FORMS": "2", "key": policy.key}
        response = page.post(reverse("admin:policies_policy_change", args=(policy.id,)), filled)
        assert response.status_code == 302, response.context["errors"]
        row.refresh_from_db()
        assert (row.kind, row.values, row.number, row.choice) == ("recipient_is", "", None, "external")
        assert not first.persons.exists()

    def test_a_new_policy_comes_last(self, page):
        assert self.saved(page, form(EXTERNAL, actions=[MANAGER], priority="400")).priority == 400
        assert 'name="priority" value="410"' in page.get(ADD).content.decode()

    def test_errors_stand_at_their_fields(self, page):
        response = page.post(
            ADD,
            form(PHONES | {"number": ""}, exceptions=[PARTNER | {"values": "no domain"}], actions=[MANAGER]),
        )
        text = unescape(response.content.decode())
        assert re.search(
            r'field-number errors">\s*<ul class="errorlist"[^>]*><li>This field is required', text
        )
        assert re.search(
            r'field-values errors">\s*<ul class="errorlist"[^>]*><li>“no domain” is not a domain name', text
        )
        assert 'aria-invalid="true"' in text


class TestWithoutScripts:
    """The button "Preview" does what scripts do, with the whole page."""

    def preview(self, page, filled):
        response = page.post(ADD, filled | {"_preview": "Preview"})
        assert response.status_code == 200
        return unescape(response.content.decode())

    def test_kinds_just_chosen_get_their_fields_with_suggestions_and_without_complaints(self, page):
        chosen = [
            {"kind": "personal_data", "shown": ""},
            {"kind": "recipient_is", "shown": "words", "choice": "both", "values": "x"},
        ]
        text = self.preview(page, form(*chosen, actions=[{"kind": "approval", "shown": ""}], name_en=""))
        assert 'name="conditions-0-number" value="10"' in text
        assert 'value="phone"' in text
        assert '<option value="external" selected>' in text
        assert 'name="conditions-1-values"' not in text
        assert '<option value="manager" selected>' in text
        assert "errorlist" not in text
        assert not Policy.objects.exists()

    def test_it_says_the_sentence_and_keeps_what_was_filled_in(self, page):
        parts = [part | {"shown": part["kind"]} for part in (EXTERNAL, PHONES)]
        text = self.preview(page, form(*parts, actions=[MANAGER | {"shown": "approval"}]))
        assert "If the recipient is external and an attachment holds 10 or more of phone number" in text
        assert 'value="phone" checked' in text
        assert not Policy.objects.exists()

    def test_where_all_parts_are_in_use_there_is_one_more(self, page):
        text = self.preview(page, form(EXTERNAL, actions=[MANAGER]))
        assert 'name="conditions-1-kind"' in text
        assert 'name="actions-1-kind"' in text
        assert 'name="conditions-2-kind"' not in text
        # It holds nothing, so it is in nobody's way.
        filled = form(EXTERNAL, {"kind": "", "shown": ""}, actions=[MANAGER, {"kind": "", "shown": ""}])
        assert page.post(ADD, filled).status_code == 302

    def test_a_change_is_previewed_and_not_saved(self, page):
        page.post(ADD, form(EXTERNAL, actions=[MANAGER]))
        policy, row, action = Policy.objects.get(), PolicyCondition.objects.get(), PolicyAction.objects.get()
        filled = form(
            {"kind": "recipient_is", "shown": "recipient_is", "choice": "internal", "id": row.pk},
            actions=[MANAGER | {"id": action.pk, "shown": "approval"}],
        ) | {
            "conditions-INITIAL_FORMS": "1",
            "actions-INITIAL_FORMS": "1",
            "key": policy.key,
            "_preview": "1",
        }
        response = page.post(reverse("admin:policies_policy_change", args=(policy.pk,)), filled)
        assert "If the recipient is internal, then the manager must approve" in response.content.decode()
        assert active_policies()[0].conditions == (Condition(kind="recipient_is", choice="external"),)


def test_kinds_stand_under_headings(page, japanese):
    text = page.get(ADD).content.decode()
    assert re.findall(r'<optgroup label="([^"]+)">', text)[:6] == [
        "宛先(宛先ごとに判定)",
        "宛先の顔ぶれと数",
        "送信者",
        "件名・本文・内容",
        "添付",
        "メール全体と時間帯",
    ]


def test_the_page_has_no_script_and_no_style_of_its_own(page):
    text = page.get(ADD).content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text)
    assert "<style" not in text
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", text)


def test_whoever_may_only_look_reads_the_policy(page, mallory):
    from django.contrib.auth.models import Permission

    page.post(ADD, form(EXTERNAL, PHONES, exceptions=[PARTNER], actions=[MANAGER]))
    type(mallory).objects.filter(pk=mallory.pk).update(is_staff=True)
    rights = ["view_policy", "view_policycondition", "view_policyaction"]
    mallory.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    page.force_login(mallory)
    response = page.get(reverse("admin:policies_policy_change", args=(Policy.objects.get().pk,)))
    assert response.status_code == 200
    assert "If the recipient is external and an attachment holds" in response.content.decode()
    assert 'name="_save"' not in response.content.decode()
