"""`[[access]]`: who in other accounts may invoke a model, and what the role for that is called."""

from pathlib import Path
from typing import Any, Final

import pytest

from settings import Access, Model
from settings.access import MAX_PRINCIPALS, role_name
from tests.support.messages import says
from tests.unit.settings.settings_files import ABSENT, changed, load_file, problems_of, write

ACCOUNT: Final = "222222222222"
PRINCIPAL: Final = f"arn:aws:iam::{ACCOUNT}:role/answers"
GIVEN: Final[dict[str, Any]] = {"account": ACCOUNT, "principals": [PRINCIPAL]}
PLACE: Final = {
    "prefix": "bedrock-tuning-",
    "environment": "dev",
    "model": "faq",
    "region": "us-east-1",
    "account": ACCOUNT,
    "path": "/",
}


def model(folder: Path, *changes: tuple[str, object]) -> Model:
    return load_file(write(folder, changed(("access", [GIVEN]), *changes)))


def problems(folder: Path, access: object, *changes: tuple[str, object]) -> dict[str, str]:
    return problems_of(write(folder, changed(("access", access), *changes)))


def test_nobody_has_access_unless_asked_for(tmp_path: Path) -> None:
    assert load_file(write(tmp_path, changed())).access == ()


def test_takes_roles_and_users_of_several_accounts(tmp_path: Path) -> None:
    other = {
        "account": "333333333333",
        "principals": ["arn:aws:iam::333333333333:role/a/b", "arn:aws:iam::333333333333:user/c"],
        "organization_id": "o-abcdefghij",
    }
    loaded = load_file(write(tmp_path, changed(("access", [GIVEN, other]))))
    assert loaded.access == (Access.model_validate(GIVEN), Access.model_validate(other))
    assert loaded.access[1].principals == tuple(other["principals"])


@pytest.mark.parametrize(
    ("access", "place", "named"),
    [
        (GIVEN, "access", "[[access]]"),
        ([1], "access", "[[access]]"),
        ([GIVEN, GIVEN], "access", f"'{ACCOUNT}'"),
        ([{**GIVEN, "account": "333333333333"}], "access[1].principals", "333333333333"),
        ([{"account": ACCOUNT}], "access[1].principals", "principals"),
        ([{"principals": [PRINCIPAL]}], "access[1].account", "account"),
        ([GIVEN, {**GIVEN, "account": 3}], "access[2].account", 3),
        ([{**GIVEN, "principals": PRINCIPAL}], "access[1].principals", f"'{PRINCIPAL}'"),
        ([{**GIVEN, "principals": []}], "access[1].principals", 0),
        ([{**GIVEN, "principals": [PRINCIPAL, PRINCIPAL]}], "access[1].principals", f"'{PRINCIPAL}'"),
        ([{**GIVEN, "principals": [f"{PRINCIPAL}*"]}], "access[1].principals", f"'{PRINCIPAL}*'"),
        ([{**GIVEN, "principals": [f"arn:aws:iam::{ACCOUNT}:root"]}], "access[1].principals", "wildcards"),
        ([{**GIVEN, "principals": ["*"]}], "access[1].principals", "'*'"),
        ([{**GIVEN, "organization_id": "abc"}], "access[1].organization_id", "'abc'"),
        ([{**GIVEN, "role": "any"}], "access[1].role", "principals"),
    ],
)
def test_refuses_what_lets_in_nobody_or_too_many(tmp_path: Path, access: object, place: str, named: object) -> None:
    found = problems(tmp_path, access)
    assert set(found) == {place}
    assert says(found[place], named)


@pytest.mark.parametrize(("count", "refused"), [(MAX_PRINCIPALS, False), (MAX_PRINCIPALS + 1, True)])
def test_takes_as_many_principals_as_allowed(tmp_path: Path, count: int, refused: bool) -> None:
    principals = [f"{PRINCIPAL}{number}" for number in range(count)]
    path = write(tmp_path, changed(("access", [{**GIVEN, "principals": principals}])))
    if refused:
        assert set(problems_of(path)) == {"access[1].principals"}
    else:
        assert load_file(path).access[0].principals == tuple(principals)


def test_needs_something_that_serves(tmp_path: Path) -> None:
    found = problems(tmp_path, [GIVEN], ("serving", ABSENT))
    assert set(found) == {"access"}
    assert says(found["access"], "[serving]")


def test_is_for_other_accounts_alone(tmp_path: Path) -> None:
    own = "111122223333"
    found = problems(tmp_path, [GIVEN, {"account": own, "principals": [f"arn:aws:iam::{own}:role/a"]}])
    assert set(found) == {"access[2].account"}
    assert says(found["access[2].account"], f"'{own}'")


# --- the role -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", PLACE)
def test_another_place_is_another_role(what: str) -> None:
    assert role_name(**{**PLACE, what: "other"}) != role_name(**PLACE)


def test_the_longest_name_is_one_that_iam_takes_and_still_its_own() -> None:
    long = {**PLACE, "prefix": "p" * 40, "environment": "e" * 12, "model": "m" * 24}
    names = {role_name(**long), role_name(**{**long, "model": f"{'m' * 23}n"})}
    assert {len(each) for each in names} == {64}
    assert len(names) == 2


def test_the_role_is_called_and_placed_as_the_organization_says(tmp_path: Path) -> None:
    assert model(tmp_path).access_role(ACCOUNT).startswith("/bedrock-tuning-dev-docstrings-")
    assert model(tmp_path, ("stack_prefix", "team-")).access_role(ACCOUNT).startswith("/team-dev-docstrings-")
    organization = {"name_prefix": "acme-", "role_path": "/teams/search/"}
    assert (
        model(tmp_path, ("organization", organization))
        .access_role(ACCOUNT)
        .startswith("/teams/search/acme-dev-docstrings-")
    )


def test_a_role_that_is_given_has_its_own_name(tmp_path: Path) -> None:
    given = {"roles": {f"Serving/Access{ACCOUNT}": "own/invoker"}}
    assert model(tmp_path, ("organization", given)).access_role(ACCOUNT) == "/own/invoker"
