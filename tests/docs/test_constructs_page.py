"""`docs/reference/constructs.md` is made from the docstrings. To renew it: make snapshots."""

import os

import pytest
from constructs import Construct

from bedrock_tuning import BaseModelProfile, BaseModels, CustomModelDeployment, DataSource, DataStore
from tests.conftest import ROOT
from tests.docs import constructs_page

PAGE = ROOT / "docs" / "reference" / "constructs.md"


def test_the_page_is_a_snapshot_of_the_docstrings() -> None:
    expected = constructs_page.page()
    if os.environ.get("UPDATE_SNAPSHOTS"):
        PAGE.write_text(expected, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == expected


# Data with a page of their own, docs/reference/base-models.md.
OF_BASE_MODELS = (BaseModelProfile, BaseModels)


@pytest.mark.parametrize(
    "public",
    [each for each in constructs_page.everything_public() if each not in OF_BASE_MODELS],
    ids=lambda each: each.__name__,
)
def test_every_parameter_is_documented_and_nothing_else(public: constructs_page.Public) -> None:
    assert constructs_page.undocumented(public) == set()


def test_a_parameter_without_a_word_is_found() -> None:
    class Silent(Construct):
        """Says nothing.

        Args:
            told: Something.
            gone: Nothing any more.
        """

        def __init__(self, scope: Construct, construct_id: str, *, told: str, hidden: str) -> None:
            super().__init__(scope, construct_id)

    assert constructs_page.undocumented(Silent) == {"hidden", "gone"}


def test_a_section_has_types_and_meanings() -> None:
    section = constructs_page.reference(DataStore)
    assert "| `bucket` | `IBucket \\| None` | " in section
    assert "- `key`: The key that encrypts the bucket and the custom models." in section


def test_a_section_has_what_can_be_asked_of_it() -> None:
    section = constructs_page.reference(DataSource)
    assert "- `file(path, *, sha256=None)`: Return a file on this machine." in section
    assert "- `s3(uri, *, version_id, sha256, kms_key_arn=None)`: " in section
    assert "`version_id`: The object's version;" in section
    assert "- `grant_invoke(grantee)`: Allow a principal" in constructs_page.reference(CustomModelDeployment)
