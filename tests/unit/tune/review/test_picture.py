"""The picture of the stacks: at most twelve, the worst, with labels that are nothing but labels."""

import re

from tests.unit.tune.review.test_documents import finding, of
from tune.review.compare import StackReview
from tune.review.findings import ReviewFinding
from tune.review.markdown import CommentContext, comment
from tune.review.picture import picture

UPDATE = (("updated", "It", "AWS::IAM::Role"), ("added", "Other", "AWS::IAM::Role"))


def stacks(*ids: str, environment: str = "dev", state: str = "changed") -> tuple[StackReview, ...]:
    return tuple(StackReview(environment, each, state, UPDATE) for each in ids)


def test_it_says_what_changes_in_each_stack_and_which_is_deployed_first() -> None:
    ids = ("Foundation", "docstrings-Serving", "docstrings-Training")
    lines = picture(of(finding("buys", "one"), finding("buys", "two"), stacks=stacks(*ids)))
    assert lines[:7] == [
        "flowchart TB",
        '  subgraph e0["dev"]',
        "    direction LR",
        '    s0["Foundation<br/>changed: 1 added, 1 updated"]',
        '    s1["docstrings-Serving<br/>changed: 1 added, 1 updated<br/>2 purchases"]:::severe',
        '    s2["docstrings-Training<br/>changed: 1 added, 1 updated"]',
        "  end",
    ]
    assert [line for line in lines if "-->" in line] == ["  s2 --> s1", "  s0 --> s2"]


def test_a_model_of_another_environment_is_no_part_of_the_way() -> None:
    lines = picture(of(stacks=(*stacks("Foundation"), *stacks("m-Serving", environment="prod"))))
    assert [line for line in lines if "-->" in line] == []
    assert [line for line in lines if "subgraph" in line] == ['  subgraph e0["dev"]', '  subgraph e1["prod"]']


def test_twelve_stacks_are_drawn_the_worst_and_the_others_counted() -> None:
    found = ReviewFinding(finding_class="buys", says="it buys", environment="dev", stack="z-Serving")
    many = stacks(*(f"m{number:02}-Training" for number in range(20)), "z-Serving")
    lines = picture(of(found, stacks=many))
    drawn = [line for line in lines if re.match(r"    s\d+\[", line)]
    assert len(drawn) == 12
    assert any("z-Serving" in line for line in drawn)
    assert any("9 changed stacks more" in line for line in lines)
    assert not any("more" in line for line in picture(of(stacks=many[:12])))


def test_no_label_leaves_its_quotes() -> None:
    hostile = '"]; click s0 "javascript:x" %% <img src=x> `\n```\n#35; end'
    lines = picture(of(stacks=(StackReview(hostile, hostile, "changed"),)))
    label = re.compile(r'(?:  subgraph e\d|    s\d)\["([^"]*)"\]')
    found = [its for line in lines if (its := label.fullmatch(line))]
    assert len(found) == 2
    for its in found:
        assert re.fullmatch(r"(?:[\w .,:/-]|#\d+;|<br/>)*", its[1])
    assert "```" not in "\n".join(lines)


def test_it_is_drawn_on_request_and_not_where_nothing_changes() -> None:
    review = of(stacks=stacks("Foundation"))
    assert "mermaid" not in comment(review, "main", "head")
    assert "```mermaid\nflowchart TB\n" in comment(review, "main", "head", CommentContext(is_drawn=True))
    assert "mermaid" not in comment(of(), "main", "head", CommentContext(is_drawn=True))


def test_a_picture_is_whole_or_left_out() -> None:
    review = of(stacks=stacks(*(f"m{number}-Serving" for number in range(12))))
    fences = {
        comment(review, "m", "h", CommentContext(is_drawn=True, most=most)).count("```")
        for most in range(600, 2_500, 40)
    }
    assert fences == {0, 2}
