"""Which test runs what a page shows, where tests/docs/test_shown.py does not do it, and what no test can run."""

from typing import Final

_PIPELINE: Final = "e2e/test_pipeline.py"
_POLICIES: Final = (
    "synth/organization/test_organization_page.py",
    "test_the_page_is_a_snapshot_of_what_our_own_would_allow",
)
_ORGANIZATION: Final = "docs/how-to/organization.md"

READ: Final = {
    ("README.md", "What you write", 1): (
        "docs/test_readme.py",
        "test_its_example_is_a_model_of_the_environment_that_it_names",
    ),
    **{
        ("constructs/README.md", "The constructs alone", number): (
            "docs/test_constructs_alone.py",
            "test_an_example_makes_what_it_says",
        )
        for number in (1, 2)
    },
    ("docs/reference/constructs.md", "The construct library", 1): (
        "docs/test_constructs_page.py",
        "test_the_page_is_a_snapshot_of_the_docstrings",
    ),
    ("docs/reference/base-models.md", "Add a base model", 1): (
        "docs/test_base_models_page.py",
        "test_the_example_is_a_profile",
    ),
    **{(_ORGANIZATION, "Use your own keys", number): _POLICIES for number in (1, 2)},
    (_ORGANIZATION, "Use your own bucket", 1): _POLICIES,
    **{(_ORGANIZATION, "Use your own service role", number): _POLICIES for number in (1, 2, 3)},
    (_ORGANIZATION, "Limit who may buy", 1): (
        "synth/organization/test_organization_page.py",
        "test_the_service_control_policy_lets_the_lifecycle_buy",
    ),
    **{
        ("docs/how-to/set-up-pipeline.md", heading, number): (_PIPELINE, test)
        for test in ("test_a_commit_is_carried_from_dev_to_prod_by_jobs_that_are_killed_anywhere",)
        for heading, number in (
            ("Write what is deployed where", 1),
            ("Write what is deployed where", 2),
            ("Let the pipeline in", 1),
            ("Let the pipeline in", 2),
            ("Write the workflow", 1),
        )
    },
    ("docs/how-to/access.md", "Let another account invoke a model", 3): (
        "docs/test_shown_access.py",
        "test_what_an_application_needs_is_what_the_page_shows",
    ),
    ("docs/how-to/access.md", "Let another account invoke a model", 4): (
        "docs/test_shown_access.py",
        "test_an_application_reads_assumes_and_invokes_as_the_page_shows",
    ),
    ("docs/reference/preflight.md", "Preflight", 1): (
        "docs/test_preflight_page.py",
        "test_the_page_shows_two_problems_as_they_are_printed",
    ),
    ("docs/how-to/rights.md", "When a call is refused", 1): (
        "docs/test_rights_page.py",
        "test_the_page_shows_a_refusal_as_it_is_printed",
    ),
    ("docs/how-to/pipeline.md", "Read a plain `cdk diff`", 1): (
        "synth/spending/test_spending_in_a_diff.py",
        "test_the_page_shows_what_the_cli_prints_of_a_first_purchase",
    ),
    ("docs/how-to/pipeline.md", "Read a plain `cdk diff`", 2): (
        "synth/spending/test_spending_in_a_diff.py",
        "test_the_page_shows_what_the_cli_prints_of_a_changed_hyper_parameter",
    ),
}
"""Blocks that a test reads from the page, with the file in `tests/` and the test."""

PAGES_READ: Final = {
    f"docs/tutorials/{name}.md": ("e2e/test_tutorials.py", "test_the_tutorials_do_what_they_say")
    for name in ("first-model", "second-model", "review", "from-dev-to-prod")
}
"""Pages of which a test runs every block."""

RUN: Final = {
    "make demo": ("e2e/test_demo.py", "test_the_demo_goes_there_and_back_with_prompts_and_completions_of_ones_own"),
    "make demo DATA=examples/docstrings/messages/train.jsonl": (
        "e2e/test_demo.py",
        "test_the_demo_goes_there_and_back_with_prompts_and_completions_of_ones_own",
    ),
    "python -m tune demo": (
        "e2e/test_demo.py",
        "test_the_demo_goes_there_and_back_with_prompts_and_completions_of_ones_own",
    ),
    "python -m tune demo --data examples/docstrings/converse/train.jsonl": (
        "e2e/test_demo.py",
        "test_the_demo_goes_there_and_back_with_prompts_and_completions_of_ones_own",
    ),
    "make sandbox": (
        "e2e/test_sandbox_command.py",
        "test_what_it_prints_is_enough_to_reach_it_and_ctrl_c_leaves_nothing",
    ),
    "python -m tune sandbox": (
        "e2e/test_sandbox_command.py",
        "test_what_it_prints_is_enough_to_reach_it_and_ctrl_c_leaves_nothing",
    ),
    "python -m tune sandbox --rate 600": (
        "e2e/test_sandbox_command.py",
        "test_what_it_prints_is_enough_to_reach_it_and_ctrl_c_leaves_nothing",
    ),
    "python -m tune sandbox --answers answers.json": (
        "e2e/test_probe.py",
        "test_a_local_aws_that_is_started_with_a_file_of_answers_gives_them_back",
    ),
    "cdk synth --quiet": ("e2e/test_tutorials.py", "test_the_tutorials_do_what_they_say"),
    "cdk synth --quiet --output assembly": ("e2e/test_tutorials.py", "test_the_tutorials_do_what_they_say"),
    "cdk diff 'dev/*' --app cdk.out --method template --fail-on destructive": (
        "synth/spending/test_spending_in_a_diff.py",
        "test_a_plain_diff_shows_what_is_spent",
    ),
    "cdk bootstrap aws://111122223333/us-east-1 --trust 999988887777 "
    "--cloudformation-execution-policies arn:aws:iam::aws:policy/AdministratorAccess": (
        _PIPELINE,
        "test_a_commit_is_carried_from_dev_to_prod_by_jobs_that_are_killed_anywhere",
    ),
    "python -m examples.make_docstrings": (
        "unit/examples/test_make_docstrings.py",
        "test_makes_the_committed_bytes_again",
    ),
    "python -m tune deploy dev docstrings --access 222222222222": (
        "e2e/test_promotion.py",
        "test_what_one_environment_has_trained_others_serve_and_go_back_to",
    ),
    "make setup-deploy": ("e2e/test_tutorials.py", "test_the_tutorials_do_what_they_say"),
}
"""Commands that another test runs, perhaps with other arguments."""

_INSTALLS: Final = "installs or runs all tests: .ci/run does it on a fresh clone"
NOT_RUN: Final = {
    "make setup": _INSTALLS,
    "make check": _INSTALLS,
    "make test": _INSTALLS,
    "make picture": "takes a picture of a whole demo, minutes; the page of a release says to look at it",
    "make picture-report": "draws what a whole demo has left",
    "uv build --wheel": "asks the network; tests/synth/app/test_package.py builds it with hatchling",
    'git fetch origin "+refs/heads/$TARGET:refs/remotes/origin/$TARGET"': "needs the repository of a team on its host",
    "git diff environments/staging": "git's own, of a file that the line before has written",
}
"""Commands that no test runs, with the reason."""

NOT_COMPARED: Final = {
    ("docs/reference/settings.md", "Settings", 1): "a folder as an example",
    (_ORGANIZATION, "Use your own networks", 1): "a statement for the endpoint of a customer; AWS names that bucket",
}
"""Blocks that show no command, no settings and no output."""
