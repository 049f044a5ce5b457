"""An administrator who has never seen it builds a policy by clicks and typing; mail then shows that it acts."""

import pytest
from e2e.building import Builder, in_language
from e2e.house import PASSWORD, PEOPLE, TEAMS, House, sign_in
from e2e.looks import Look, accessible, fits_a_narrow_window
from live.plant import Plant
from live.sink import Sink
from made_files import cells, xlsx
from playwright.sync_api import expect

pytestmark = [pytest.mark.live, pytest.mark.pages]

DESK_JA, DESK_EN, PHONE_JA = (
    Look("desk", "ja", "light"),
    Look("desk", "en", "dark"),
    Look("phone", "ja", "dark"),
)
ADMINISTRATOR = "admin@example.test"
LIST = "/admin/policies/policy/"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """An installation with people and an administrator."""
    folder = tmp_path_factory.mktemp("building")
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    with Sink() as sink, Plant(folder / "plant", sink=sink, MAILHOLD_UNDO_SECONDS=1) as plant:
        plant.manage("people", "import", str(folder / "people.csv"))
        who = ["--admin-address", ADMINISTRATOR, "--admin-name", "Ada Admin", "--admin-password-stdin"]
        plant.manage("init", *who, "--language", "ja", stdin=f"{PASSWORD}\n")
        yield House(plant, sink)


@pytest.fixture(scope="module")
def administrator(home, browser):
    """The cookies of the administrator."""
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, home.url, ADMINISTRATOR)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def policies(home, tmp_path):
    """Put policies in force, those of a file's text."""

    def put(*entries):
        path = tmp_path / "policies.yaml"
        path.write_text(
            "format: 1\npolicies:" + ("".join(f"\n  - {each}" for each in entries) or " []") + "\n"
        )
        home.plant.manage("policy", "apply", str(path))

    return put


@pytest.fixture
def page(home, administrator, new_page, look):
    page = new_page(look, storage_state=administrator)
    in_language(page, home.url, look.language)
    return page


CUSTOMERS = [
    "山本花子",
    "伊藤健太",
    "渡辺美咲",
    "中村大輔",
    "小林優子",
    "加藤直樹",
    "吉田恵子",
    "佐々木翔太",
    "松本由美",
    "井上拓也",
]
CONTACTS = [
    "Emma Clark",
    "Oliver Smith",
    "Amelia Jones",
    "Harry Taylor",
    "Olivia Brown",
    "Jack Wilson",
    "Emily Davies",
    "George Evans",
    "Sophie Thomas",
    "William Roberts",
]


def numbers(count):
    """Return so many phone numbers."""
    return [f"03-3201-{1200 + 7 * number}" for number in range(count)]


def workbook(count):
    rows = [("氏名", "電話番号"), *zip(CUSTOMERS, numbers(count), strict=False)]
    return ("顧客名簿.xlsx", xlsx(("Sheet1", "visible", cells(*rows))))


def table(count):
    lines = ["name,phone", *map(",".join, zip(CONTACTS, numbers(count), strict=False))]
    return ("customers.csv", "\r\n".join(lines).encode())


@pytest.mark.parametrize(
    ("look", "attached"),
    [(DESK_JA, workbook), (DESK_EN, table), (PHONE_JA, workbook)],
    ids=["ja", "en", "phone-ja"],
)
def test_ten_phone_numbers_for_the_outside_need_the_manager_unless_they_go_to_the_partner(
    home, page, look, attached, policies, request
):
    policies()
    builder, team = Builder(page, look.language), TEAMS[look.language]
    builder.open(home.url)
    builder.fill_in()
    expect(page.locator("#policy-says strong")).to_have_text(builder.words["sentence"])
    expect(page.locator("#policy-says .help")).to_have_count(0)
    accessible(page, preload=False)
    fits_a_narrow_window(page)
    builder.save()
    expect(page.locator("#result_list")).to_contain_text(builder.words["sentence"])

    name = request.node.callspec.id
    passes = [
        ("x@client.example", 9, "nine"),
        ("x@partner.example", 10, "partner"),
        ("carol@example.test", 10, "internal"),
    ]
    for address, count, what in passes:
        home.send(team.sender, [address], f"{what} {name}", files=[attached(count)])
    home.send(team.sender, ["x@client.example"], f"ten {name}", files=[attached(10)])
    for address, _, what in passes:
        home.arrived(address, f"{what} {name}")
    link = home.asked(team, f"ten {name}")
    assert not home.came("x@client.example", f"ten {name}")
    # The reason stands where the manager decides.
    page.goto(link)
    expect(page.locator("main")).to_contain_text(builder.words["reason"])
    page.get_by_role("button", name=team.words["approve"], exact=True).click()
    home.arrived("x@client.example", f"ten {name}")


@pytest.mark.parametrize("look", [DESK_JA, DESK_EN], ids=["ja", "en"])
def test_the_same_policy_is_built_without_scripts(home, administrator, page, new_page, look, policies):
    policies()
    plain = new_page(look, storage_state=page.context.storage_state(), java_script_enabled=False)
    builder = Builder(plain, look.language, live=False)
    builder.open(home.url)
    builder.fill_in()
    builder.preview()
    expect(plain.locator("#policy-says strong")).to_have_text(builder.words["sentence"])
    builder.save()
    expect(plain.locator("#result_list")).to_contain_text(builder.words["sentence"])


@pytest.mark.parametrize("look", [DESK_EN], ids=str)
def test_what_is_wrong_stands_at_its_field_and_what_was_filled_in_stays(home, page, look, policies):
    policies()
    builder = Builder(page, look.language)
    builder.open(home.url)
    builder.fill_in(domain="not a domain")
    builder.part("if", 1).get_by_role("checkbox", name=builder.words["phone"], exact=True).uncheck()
    page.get_by_role("button", name=builder.words["save"], exact=True).click()
    expect(page.locator(".errornote")).to_be_visible()
    expect(builder.part("if", 1).locator(".field-values .errorlist")).to_have_text("Tick at least one.")
    expect(builder.part("unless").locator(".field-values .errorlist")).to_contain_text(
        "“not a domain” is not a domain"
    )
    expect(
        builder.part("if", 1).get_by_role("spinbutton", name=builder.words["number"], exact=True)
    ).to_have_value("10")
    accessible(page, preload=False)
    builder.part("if", 1).get_by_role("checkbox", name=builder.words["phone"], exact=True).check()
    builder.part("unless").get_by_role("textbox", name=builder.words["domains"]).fill("partner.example")
    builder.save()
    expect(page.locator("#result_list")).to_contain_text(builder.words["sentence"])


@pytest.mark.parametrize("look", [DESK_EN], ids=str)
def test_only_what_an_answer_asks_for_is_shown(home, page, look, policies):
    policies()
    page.goto(f"{home.url}{LIST}add/")
    expect(page.locator(".field-scope_people")).to_be_hidden()
    page.uncheck("#id_for_everyone")
    expect(page.locator(".field-scope_people")).to_be_visible()
    page.check("#id_for_everyone")

    page.select_option("#id_actions-0-kind", "approval")
    people, needed = page.locator(".field-persons"), page.locator("#actions-0 .field-needed")
    expect(page.locator("#actions-0 .field-approvers")).to_be_visible()
    expect(people).to_be_hidden()
    expect(needed).to_be_hidden()
    page.select_option("#id_actions-0-approvers", "persons")
    expect(people).to_be_visible()
    expect(needed).to_be_visible()
    # People are chosen in the list with two boxes, and the sentence names them before anything is saved.
    page.locator("#id_actions-0-persons_from option", has_text="Bob Baker").dblclick()
    expect(page.locator("#policy-says")).to_contain_text("Bob Baker must approve")
    page.select_option("#id_actions-0-kind", "hold")
    expect(page.locator("#policy-says")).to_contain_text("it waits 5 minutes")
    expect(page.locator("#actions-0 .field-approvers")).to_have_count(0)


@pytest.mark.parametrize("look", [DESK_EN], ids=str)
def test_the_form_is_filled_in_by_keyboard(home, page, look, policies):
    policies()
    page.goto(f"{home.url}{LIST}add/")
    page.locator("#id_name_en").focus()
    page.keyboard.type("By keyboard")
    page.locator("#id_conditions-0-kind").focus()
    page.keyboard.type("Recipient is")
    expect(page.locator("#id_conditions-0-choice")).to_have_value("external")
    # The focus stays where it was, and what has come is next.
    expect(page.locator("#id_conditions-0-kind")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#id_conditions-0-choice")).to_be_focused()
    page.locator("#id_actions-0-kind").focus()
    page.keyboard.type("Wait")
    expect(page.locator("#policy-says")).to_have_text("If the recipient is external, then it waits 5 minutes")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{LIST}")
    expect(page.locator("#result_list")).to_contain_text("By keyboard")


def entry(key):
    return (
        f"{{key: {key}, name: {{ja: 方針{key}, en: Policy {key}}}, mode: watch, "
        f"priority: {ord(key)}, actions: [{{kind: hold, for: 1m}}]}}"
    )


class TestTheOrder:
    @pytest.fixture(autouse=True)
    def three(self, policies, page, home):
        policies(*map(entry, "abc"))
        page.goto(home.url + LIST)

    def order(self, page):
        return [text[-1] for text in page.locator("#result_list .field-name").all_inner_texts()]

    def drag(self, page, row, to, *, steps=8):
        """Take a row by its handle and hold it over another one."""
        handle = page.locator(".drag-handle").nth(row).bounding_box()
        target = page.locator("#result_list tbody tr").nth(to).bounding_box()
        x = handle["x"] + handle["width"] / 2
        page.mouse.move(x, handle["y"] + handle["height"] / 2)
        page.mouse.down()
        edge = 0.9 if to > row else 0.1
        page.mouse.move(x, target["y"] + target["height"] * edge, steps=steps)

    @pytest.mark.parametrize("look", [DESK_EN, DESK_JA], ids=str)
    def test_a_policy_is_dragged_to_another_place_with_the_mouse(self, page, look):
        accessible(page, preload=False)
        self.drag(page, 2, 0)
        assert self.order(page) == ["c", "a", "b"]
        said = {"en": "Policy c: place 1 of 3", "ja": "方針c: 3 件中 1 番目"}[look.language]
        expect(page.locator("#policy-order-status")).to_have_text(said)
        with page.expect_navigation():
            page.mouse.up()
        assert self.order(page) == ["c", "a", "b"]
        now = {"en": "“Policy c” is now number 1 of 3.", "ja": "「方針c」は 3 件中 1 番目になりました。"}[
            look.language
        ]
        expect(page.locator(".messagelist")).to_contain_text(now)
        expect(page.locator("#policy-order-status")).to_have_text(now)
        accessible(page, preload=False)

        self.drag(page, 0, 2)
        with page.expect_navigation():
            page.mouse.up()
        assert self.order(page) == ["a", "b", "c"]
        page.reload()
        assert self.order(page) == ["a", "b", "c"]

    @pytest.mark.parametrize("look", [DESK_EN], ids=str)
    def test_escape_puts_it_back(self, page, look):
        self.drag(page, 0, 2)
        assert self.order(page) == ["b", "c", "a"]
        page.keyboard.press("Escape")
        assert self.order(page) == ["a", "b", "c"]
        expect(page.locator("#policy-order-status")).to_have_text("The order is as it was.")
        page.mouse.up()
        page.reload()
        assert self.order(page) == ["a", "b", "c"]

    @pytest.mark.parametrize("look", [PHONE_JA], ids=str)
    def test_a_finger_drags_it_on_a_phone(self, page, look):
        handle = page.locator(".drag-handle").nth(0)
        handle.scroll_into_view_if_needed()
        start, end = handle.bounding_box(), page.locator("#result_list tbody tr").nth(1).bounding_box()
        finger = page.context.new_cdp_session(page)
        x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2

        def touch(kind, *points):
            finger.send(
                "Input.dispatchTouchEvent",
                {"type": kind, "touchPoints": [{"x": x, "y": at} for at in points]},
            )

        touch("touchStart", y)
        for step in range(1, 9):
            touch("touchMove", y + (end["y"] + end["height"] * 0.9 - y) * step / 8)
        assert self.order(page) == ["b", "a", "c"]
        with page.expect_navigation():
            touch("touchEnd")
        assert self.order(page) == ["b", "a", "c"]
        accessible(page, preload=False)

    @pytest.mark.parametrize("look", [DESK_EN], ids=str)
    def test_an_order_for_a_list_that_was_changed_meanwhile_is_refused(self, home, page, look):
        other = page.context.new_page()
        other.goto(home.url + LIST)
        other.get_by_role("button", name="Down: Policy a").click()
        expect(other.locator(".messagelist")).to_contain_text("“Policy a” is now number 2 of 3.")

        self.drag(page, 2, 0)
        with page.expect_navigation():
            page.mouse.up()
        expect(page.locator(".messagelist")).to_contain_text("has been changed meanwhile")
        assert self.order(page) == ["b", "a", "c"]

    @pytest.mark.parametrize("look", [DESK_EN], ids=str)
    def test_the_buttons_do_the_same_by_keyboard(self, page, look):
        page.get_by_role("button", name="Down: Policy a").focus()
        for place in (2, 3):
            page.keyboard.press("Enter")
            expect(page.locator(".messagelist")).to_contain_text(f"is now number {place} of 3.")
            expect(page.get_by_role("button", name="Down: Policy a")).to_be_focused()
        assert self.order(page) == ["b", "c", "a"]

    @pytest.mark.parametrize("look", [DESK_EN], ids=str)
    def test_without_scripts_there_are_the_buttons_alone(self, home, page, new_page, look):
        plain = new_page(look, storage_state=page.context.storage_state(), java_script_enabled=False)
        plain.goto(home.url + LIST)
        expect(plain.locator(".drag-handle").first).to_be_hidden()
        plain.get_by_role("button", name="Up: Policy c").click()
        expect(plain.locator(".messagelist")).to_contain_text("“Policy c” is now number 2 of 3.")
