"""A review as a comment and as a document: bounded, escaped, worst first, the same on every machine."""

import html
import io
import json
import random

import pytest
from rich.console import Console

from tune.review.compare import Review, StackReview
from tune.review.document import document
from tune.review.findings import CLASSES, FindingClass, ReviewFinding, folded, in_order
from tune.review.markdown import MARK, CommentContext, comment
from tune.review.text import show
from tune.spending.cost import Cost


def finding(finding_class: FindingClass, says: str, **more: str) -> ReviewFinding:
    return ReviewFinding(finding_class=finding_class, says=says, environment="dev", stack="docstrings-Serving", **more)  # type: ignore[arg-type]


def of(*findings: ReviewFinding, stacks: tuple[StackReview, ...] = ()) -> Review:
    return Review(tuple(in_order(findings)), stacks, unchanged=3)


MANY = tuple(finding(CLASSES[number % len(CLASSES)], f"finding {number}") for number in range(2_000))


def test_two_thousand_findings_fit_and_the_worst_are_there() -> None:
    resources = tuple(("updated", f"Any/{number}", "AWS::IAM::Policy") for number in range(3_000))
    text = comment(of(*MANY, stacks=(StackReview("dev", "Foundation", "changed", resources),)), "main", "head")
    assert len(text) <= 60_000
    assert "left out" in text
    first = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert [line.split()[2] for line in first[:25]] == ["refused"] * 25
    assert text.count("<details>") == text.count("</details>")


@pytest.mark.parametrize("most", [2_000, 5_000, 20_000])
def test_it_is_never_longer_than_asked(most: int) -> None:
    assert len(comment(of(*MANY), "main", "head", CommentContext(most=most))) <= most


def test_the_first_screen_has_forty_lines_at_most() -> None:
    text = comment(of(*MANY), "main", "head")
    assert text.startswith(MARK)
    first = text[: text.index("<details>")]
    assert len(first.splitlines()) <= 40
    assert "Nothing" in comment(of(*MANY[:3]), "main", "head")
    assert "Templates do not show" in first


def test_what_settings_say_is_nothing_but_text() -> None:
    hostile = "a | b\n<img src=x> `code` **bold** [link](https://any.example) @everybody # head"
    (row,) = (line for line in comment(of(finding("buys", hostile)), "m", "h").splitlines() if "🔴" in line)
    assert row.count(" | ") == 4
    assert "<img" not in row
    assert "@" not in row
    assert "\\[link\\](" in row
    assert "\\*\\*bold\\*\\*" in row


def test_what_there_is_nothing_of_is_said_too() -> None:
    text = comment(of(finding("moves", "another model answers")), "main", "head")
    assert (
        "Nothing is bought, trained, evaluated, deleted, left billed, shared, given more permissions or protected less."
        in text
    )
    assert "Templates do not show" in text


def test_the_order_is_the_same_whatever_was_found_first() -> None:
    shuffled = list(MANY)
    random.Random(3).shuffle(shuffled)
    assert comment(of(*shuffled), "main", "head") == comment(of(*MANY), "main", "head")


def test_the_document_has_every_finding_and_counts() -> None:
    costly = ReviewFinding(
        finding_class="trains",
        says="a model is trained",
        environment="dev",
        certainty="atMost",
        was="a",
        now="b",
        costs=(Cost("once", "tokens", 56_460),),
        source="row customization-create",
    )
    found = json.loads(json.dumps(document(of(costly, finding("moves", "moved")), "main", "head")))
    assert (found["version"], found["unchangedStacks"]) == (1, 3)
    assert (found["counts"]["trains"], found["counts"]["moves"], found["counts"]["buys"]) == (1, 1, 0)
    ((environment),) = found["environments"]
    assert [its["class"] for its in environment["findings"]] == ["trains", "moves"]
    assert environment["findings"][0] == {
        "class": "trains",
        "certainty": "atMost",
        "where": {"stack": "", "path": ""},
        "was": "a",
        "is": "b",
        "says": "a model is trained",
        "costs": [
            {
                "nature": "once",
                "quantity": 56460,
                "isFloor": False,
                "unit": "tokens",
                "what": None,
                "of": [],
                "money": None,
                "missing": None,
            }
        ],
        "source": "row customization-create",
        "details": [],
    }


NOBODY = "\N{ZERO WIDTH SPACE}"


@pytest.mark.parametrize("called", ["@everybody", "#12", "GH-12", "https://any.example", "www.any.example"])
def test_nothing_is_mentioned_or_linked_once_the_comment_is_rendered(called: str) -> None:
    text = comment(of(finding("buys", f"see {called} now"), finding("changes", f"({called})")), "main", "head")
    # A host looks for mentions and references in what is rendered, where an entity is the character again.
    rendered = html.unescape(text.replace("\\", ""))
    assert called not in rendered
    assert called in rendered.replace(NOBODY, "")


def test_what_turns_the_direction_or_cannot_be_seen_is_left_out() -> None:
    text = comment(of(finding("buys", "a\u202eb\u200dc\x1b[31m d")), "main", "head")
    assert "abc\\[31m d" in text


def test_the_title_of_details_is_no_markdown_and_has_no_backslashes() -> None:
    stacks = (StackReview("dev", "my_model*-Serving<b>", "changed", (("updated", "It", "AWS::IAM::Role"),)),)
    text = comment(of(stacks=stacks), "main", "head")
    assert "<summary>dev/my_model*-Serving&lt;b&gt;: changed, 1 updated</summary>" in text


def test_a_long_value_does_not_push_the_worst_out() -> None:
    long = finding("buys", "a purchase " + "x" * 70_000, was="y" * 70_000, now="z" * 70_000)
    text = comment(of(long, finding("trains", "a training")), "main", "head")
    assert "| 🔴 buys | dev/docstrings-Serving | a purchase xxx" in text
    assert "a training" in text
    assert "Templates do not show" in text
    assert len(comment(of(long), "main", "head", CommentContext(most=2_000))) <= 2_000
    assert "🔴 buys" in comment(of(long), "main", "head", CommentContext(most=2_000))


def test_which_construct_it_is_stands_beside_its_stack() -> None:
    found = of(finding("loosens", "the key is no longer rotated", path="DataStore/Key"))
    assert "| dev/docstrings-Serving: DataStore/Key | the key is no longer rotated |" in comment(found, "main", "head")
    console = Console(width=120, file=io.StringIO())
    show(found, "main", "head", console)
    assert "loosens  dev/docstrings-Serving: DataStore/Key\n" in console.file.getvalue()  # type: ignore[attr-defined]


def test_in_a_class_the_dearest_is_first() -> None:
    def bought(units: int | None) -> ReviewFinding:
        costs = (Cost("hourly", "model units", units),)
        return ReviewFinding(finding_class="buys", says=f"it buys {units}", environment="dev", costs=costs)

    kept = ReviewFinding(finding_class="buys", says="it keeps", environment="a", costs=(Cost("monthly", "keys", 900),))
    review = of(kept, bought(2), finding("trains", "a training"), bought(10), bought(None), bought(1))
    expected = ["it buys None", "it buys 10", "it buys 2", "it buys 1", "it keeps", "a training"]
    assert [its.says for its in review.findings] == expected


def test_what_cannot_be_told_stays_when_the_comment_is_cut() -> None:
    unclear = [finding("unknown", f"unclear {number}", certainty="unknown") for number in range(40)]
    wide = finding("widens", "a statement that cannot be compared", certainty="unknown")
    text = comment(of(*MANY, *unclear, wide), "main", "head")
    assert len(text) <= 60_000
    assert "left out" in text
    assert "41 findings cannot be determined" in " ".join(text.split("<details>")[0].split())
    assert [its.says for its in (*unclear, wide) if f"| {its.says} |" not in text] == []


@pytest.mark.parametrize("most", [2_000, 60_000])
def test_a_cut_comment_links_to_all_of_it_and_a_whole_one_does_not(most: int) -> None:
    told = CommentContext(link="https://ci.example/runs/7#artifacts", most=most)
    text = comment(of(*MANY), "main", "head", told)
    assert "](https://ci.example/runs/7#artifacts)" in text.splitlines()[-1]
    assert len(text) <= most
    assert "ci.example" not in comment(of(*MANY[:3]), "main", "head", told)


def test_as_many_lines_are_left_out_as_it_says() -> None:
    resources = tuple(("updated", f"Any/{number}", "AWS::IAM::Policy") for number in range(3_000))
    text = comment(of(*MANY, stacks=(StackReview("dev", "Foundation", "changed", resources),)), "main", "head")
    shown = sum(line.startswith(("| ", "- ")) and not line.startswith("| |") for line in text.splitlines())
    assert f"**{len(MANY) - shown:,} findings and 3,000 resources left out**" in text


def test_it_names_what_was_compared_and_when() -> None:
    found = of(finding("buys", "it buys"))
    when = "2026-11-28 14:02 UTC"
    text = comment(found, "main@0123456789ab", "this checkout@ba9876543210", CommentContext(at=when))
    line = html.unescape(text.splitlines()[2]).replace(NOBODY, "")
    assert f"<code>main@0123456789ab</code> with <code>this checkout@ba9876543210</code>, {when}" in line
    console = Console(width=120, file=io.StringIO())
    show(found, "main", "head", console, at=when)
    assert when in console.file.getvalue()  # type: ignore[attr-defined]
    assert "UTC" not in comment(found, "main", "head") + json.dumps(document(found, "main", "head"))


def test_many_environments_with_long_names_leave_room_for_the_worst() -> None:
    stacks = tuple(StackReview(f"{number:03}-" + "e" * 300, "Foundation", "changed") for number in range(200))
    text = comment(of(finding("buys", "it buys"), stacks=stacks), "b" * 500, "h" * 500, CommentContext(most=2_000))
    assert "🔴 buys" in text
    assert len(text) <= 2_000


def test_no_update_list_or_picture_is_shown_while_a_finding_is_left_out() -> None:
    long = [finding("loosens", f"loose {number} " + "x" * 500) for number in range(40)]
    stacks = (StackReview("dev", "Foundation", "changed", (("updated", "It", "AWS::IAM::Role"),)),)
    for most in (2_000, 12_000):
        text = comment(
            of(*long, finding("changes", "updated"), stacks=stacks), "m", "h", CommentContext(most=most, is_drawn=True)
        )
        shown = sum("loose " in line for line in text.splitlines())
        assert 0 < shown < len(long)
        assert not [each for each in ("updated |", "mermaid", "AWS::IAM::Role") if each in text]
        assert f"**{len(long) + 1 - shown} findings, 1 picture and 1 resource left out**" in text


def test_a_block_that_is_left_out_takes_no_room_from_the_others() -> None:
    updates = [finding("changes", f"updated {number}") for number in range(30)]
    whole = len(comment(of(*updates), "m", "h"))
    assert comment(of(*updates), "m", "h", CommentContext(most=whole + 200)).count("| updated ") == 30


def test_what_is_unknown_keeps_the_review_from_saying_that_nothing_happens() -> None:
    begins = [comment(of(*its), "m", "h").count("\nNothing is") for its in ([], [finding("unknown", "who knows")])]
    assert begins == [1, 0]


def test_the_same_of_several_constructs_is_said_once_in_natural_order() -> None:
    waits = [finding("changes", "one more step waits", path=f"Wait{number}") for number in (10, 1, 2, 3)]
    bought = [finding("buys", "it buys", path=path) for path in ("A", "B")]
    found = in_order(folded([*waits, *bought, finding("changes", "other", path="It")]))
    assert [(its.finding_class, its.path) for its in found] == [
        ("buys", "A"),
        ("buys", "B"),
        ("changes", ""),
        ("changes", "It"),
    ]
    assert found[2].details == ("Wait1", "Wait2", "Wait3", "Wait10")
    assert "4 constructs alike: Wait1, Wait2, Wait3, and 1 more" in found[2].says
    (both,) = folded([finding("loosens", "less", path=path) for path in ("B1", "A2")])
    assert both.details == ("A2", "B1")
    assert [its.path for its in in_order(waits)] == ["Wait1", "Wait2", "Wait3", "Wait10"]


@pytest.mark.parametrize("asked", [(), ("dev",)])
def test_text_and_comment_say_alike_what_is_not_known(asked: tuple[str, ...]) -> None:
    review = Review((), (), unchanged=3, asked=asked)
    console = Console(width=500, file=io.StringIO())
    show(review, "m", "h", console)
    said = console.file.getvalue().splitlines()[-1].split("3 unchanged. ")[1]  # type: ignore[attr-defined]
    assert said in comment(review, "m", "h")
    assert "make preflight" in said
    assert ("--live" in said) is (not asked)


def test_a_picture_takes_no_room_from_findings() -> None:
    stacks = (StackReview("dev", "Foundation", "changed", (("updated", "It", "AWS::IAM::Role"),)),)
    whole, drawn = (
        comment(of(*MANY, stacks=stacks), "m", "h", CommentContext(most=6_000, is_drawn=is_drawn))
        for is_drawn in (False, True)
    )
    assert drawn.count("| finding ") == whole.count("| finding ")
