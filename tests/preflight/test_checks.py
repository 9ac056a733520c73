"""Every check, with facts that are right, wrong and unknown."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from bedrock_lifecycle.preflight import tables
from bedrock_lifecycle.preflight.facts import (
    Access,
    Base,
    BaseModel,
    DataObject,
    Key,
    Known,
    NotChecked,
    Permission,
)
from bedrock_lifecycle.preflight.report import NotNeeded, Passed, Problem, Verdict, run
from tests.preflight.facts import (
    BASE,
    KEY_ARN,
    NOW,
    UNREAD,
    data_object,
    deployments,
    held,
    model_key,
    purchase,
    quota,
    record_sum,
    training,
    units,
)
from tests.preflight.trusting import ROLE


def verdict(check: str, **changes: Any) -> Verdict:
    """Return what one check says of a training; no other check finds a problem with its facts."""
    findings = run(tables.TRAINING, training(**changes)).findings
    (found,) = (each for each in findings if each.id == check)
    return found.verdict


def of_purchase(check: str, **changes: Any) -> Verdict:
    (found,) = (each for each in run(tables.PURCHASE, purchase(**changes)).findings if each.id == check)
    return found.verdict


def told(found: Verdict) -> str:
    assert isinstance(found, Problem), found
    return found.text


def test_nothing_stands_in_the_way_of_what_is_right() -> None:
    wanted = training(units=units(), deployments=deployments())
    assert all(isinstance(each.verdict, Passed) for each in run(tables.TRAINING, wanted).findings)
    assert all(isinstance(each.verdict, Passed) for each in run(tables.PURCHASE, purchase()).findings)


def test_every_check_has_a_name_of_its_own_and_says_when_it_fails_and_with_what_it_reads() -> None:
    for table in (tables.TRAINING, tables.PURCHASE, tables.DEPLOYMENT):
        assert len({check.id for check in table}) == len(table)
        assert all(check.fails and check.actions for check in table)


# --- base model --------------------------------------------------------------------------------------------------


def base(found: BaseModel | None, *active: str) -> Base:
    return dataclasses.replace(BASE, found=Known(found), active=Known(active))


LEGACY = BaseModel("LEGACY", None, ("FINE_TUNING",))
OVER = BaseModel("LEGACY", NOW, ("FINE_TUNING",))
LAST_DAY = BaseModel("ACTIVE", NOW + timedelta(seconds=1), ("FINE_TUNING",))
ANOTHER = "choose another base model"
UNTUNABLE = BaseModel("ACTIVE", None, ("CONTINUED_PRE_TRAINING",))


@pytest.mark.parametrize(
    ("found", "training_is_told", "purchase_is_told"),
    [
        (None, f"is not offered in this Region; {ANOTHER}", f"is not offered in this Region; {ANOTHER}"),
        (
            OVER,
            f"reached its end of life on 2026-11-23; {ANOTHER}",
            f"reached its end of life on 2026-11-23; {ANOTHER}",
        ),
        (
            LEGACY,
            f"is LEGACY: it takes no new customization jobs; {ANOTHER}",
            (
                f"is LEGACY: its models are given no new Provisioned Throughput; serve on demand where it can be, "
                f"or {ANOTHER}"
            ),
        ),
        (LAST_DAY, None, None),
    ],
)
def test_a_base_model_that_takes_nothing_new_is_refused_with_what_is_active(
    found: BaseModel | None, training_is_told: str | None, purchase_is_told: str | None
) -> None:
    for is_told, given in (
        (training_is_told, verdict("base-model", base=base(found, "one", "two"))),
        (purchase_is_told, of_purchase("base-model", base=base(found, "one", "two"))),
    ):
        if is_told is None:
            assert isinstance(given, Passed)
        else:
            assert told(given) == f"base model {BASE.id} {is_told}; active base models here: one, two"


def test_a_model_that_was_copied_here_may_have_a_base_model_that_is_not_here() -> None:
    assert isinstance(of_purchase("base-model", base=base(None), model_is_given=True), NotChecked)
    assert isinstance(of_purchase("base-model", base=base(LEGACY), model_is_given=True), Problem)


def test_a_region_without_any_active_base_model_is_told_as_such() -> None:
    assert told(verdict("base-model", base=base(LEGACY))).endswith(
        "; choose another base model in another Region; no base model is active here"
    )
    unlisted = dataclasses.replace(base(LEGACY), active=UNREAD)
    assert told(verdict("base-model", base=unlisted)).endswith("; choose another base model that is active here")


@pytest.mark.parametrize("check", ["base-model"])
def test_a_base_model_that_cannot_be_looked_at_is_left_to_bedrock(check: str) -> None:
    unread = dataclasses.replace(BASE, found=UNREAD)
    assert verdict(check, base=unread) == of_purchase(check, base=unread) == UNREAD


@pytest.mark.parametrize(
    ("access", "named"),
    [
        (Access("NOT_AVAILABLE", "AUTHORIZED", "AVAILABLE", "AVAILABLE"), "agreement NOT_AVAILABLE"),
        (Access("ERROR", "AUTHORIZED", "AVAILABLE", "AVAILABLE", "no card"), "agreement ERROR, no card"),
        (Access("PENDING", "AUTHORIZED", "AVAILABLE", "AVAILABLE"), "agreement PENDING"),
        (Access("AVAILABLE", "AUTHORIZED", "NOT_AVAILABLE", "AVAILABLE"), "entitlement NOT_AVAILABLE"),
        (Access("AVAILABLE", "AUTHORIZED", "AVAILABLE", "NOT_AVAILABLE"), "Region NOT_AVAILABLE"),
        (
            Access("PENDING", "NOT_AUTHORIZED", "AVAILABLE", "AVAILABLE"),
            "agreement PENDING, authorization NOT_AUTHORIZED",
        ),
    ],
)
def test_a_model_that_the_account_may_not_use_is_refused_with_what_is_missing(access: Access, named: str) -> None:
    assert told(verdict("model-access", access=Known(access))).startswith(
        f"this account has no access to base model {BASE.id} ({named}): get it in the model catalog"
    )


def test_an_authorization_that_alone_says_no_stops_nothing_and_is_told() -> None:
    found = verdict("model-access", access=Known(Access("AVAILABLE", "NOT_AUTHORIZED", "AVAILABLE", "AVAILABLE")))
    assert isinstance(found, NotChecked)
    assert "NOT_AUTHORIZED" in found.why


def test_a_base_model_that_cannot_be_tuned_is_refused_and_a_variant_is_left_to_bedrock() -> None:
    found = base(UNTUNABLE, "one")
    assert isinstance(verdict("base-model", base=found), NotChecked)
    model = dataclasses.replace(found, id="any.model-v1:0")
    refused = told(verdict("base-model", base=model))
    assert all(word in refused for word in (model.id, "fine-tuned", "one"))


def test_access_to_a_model_that_is_not_offered_at_all_is_no_second_problem() -> None:
    nowhere = Access("AVAILABLE", "AUTHORIZED", "AVAILABLE", "NOT_AVAILABLE")
    assert isinstance(verdict("model-access", base=base(None), access=Known(nowhere)), NotNeeded)


# --- quotas ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("running", "fits"), [((), True), (("a",), True), (("a", "b"), False), (("a", "own"), True)])
def test_one_more_job_must_fit_the_quota_and_a_job_of_this_name_is_none_more(
    running: tuple[str, ...], fits: bool
) -> None:
    jobs = quota(2, adjustable=False, name="Scheduled customization jobs")
    found = verdict("scheduled-jobs", name="own", jobs_quota=jobs, running_jobs=Known(running))
    if fits:
        assert isinstance(found, Passed)
    else:
        assert told(found) == (
            "quota L-1 (Scheduled customization jobs) is 2, and 2 customization jobs are in progress: deploy again "
            "when one has ended (aws bedrock list-model-customization-jobs --status-equals InProgress)"
        )


def test_a_quota_that_turns_out_to_be_another_one_is_not_taken_for_that_of_jobs() -> None:
    found = verdict("scheduled-jobs", jobs_quota=quota(0, name="Batch inference jobs"), running_jobs=Known(()))
    assert found == NotChecked("quota L-1 is named Batch inference jobs; 0 in progress")


def test_models_and_what_is_being_trained_must_fit_the_quota_together() -> None:
    assert isinstance(verdict("custom-models", models_quota=quota(3), models=Known(2)), Passed)
    assert isinstance(verdict("custom-models", models_quota=quota(3), models=Known(2), running_jobs=UNREAD), Passed)
    full = verdict("custom-models", models_quota=quota(3), models=Known(2), running_jobs=Known(("a",)))
    assert told(full) == (
        "quota L-1 (Some quota) is 3, and 3 custom models are held or being trained: delete models that are not needed "
        "(aws bedrock delete-custom-model), or ask for 4 in the Service Quotas console under Amazon Bedrock"
    )


def test_a_quota_of_zero_units_is_told_with_code_name_value_and_what_is_needed() -> None:
    wanted = units(of_one=quota(0, code="L-ONE", name="Units of one"), without_commitment=quota(0, adjustable=False))
    assert told(verdict("units-of-one", units=wanted)) == told(of_purchase("units-of-one", units=wanted))
    assert told(verdict("units-of-one", units=wanted)) == (
        "quota L-ONE (Units of one) is 0, 1 needed (1 asked for): ask for 1 in the Service Quotas console under Amazon "
        "Bedrock, or serve without Provisioned Throughput"
    )
    assert told(of_purchase("units-without-commitment", units=wanted)) == (
        "quota L-1 (Some quota) is 0, 1 needed (0 in use and 1 asked for): ask AWS Support for 1 (Service Quotas "
        "cannot raise it), or serve without Provisioned Throughput"
    )


def test_units_in_use_are_counted_but_not_those_of_base_models_or_of_commitments() -> None:
    present = (held("a", 2), held("b", 5, of_custom_model=False), held("c", 7, committed=True))
    enough = units(without_commitment=quota(3), held=Known(present))
    assert isinstance(verdict("units-without-commitment", units=enough), Passed)
    short = units(without_commitment=quota(2), held=Known(present))
    assert "is 2, 3 needed (2 in use and 1 asked for)" in told(verdict("units-without-commitment", units=short))


def test_a_throughput_that_exists_needs_no_more_units() -> None:
    present = units(of_one=quota(0), without_commitment=quota(0), held=Known((held("wanted", 1),)))
    for check in ("units-of-one", "units-without-commitment"):
        assert verdict(check, units=present) == NotNeeded("Provisioned Throughput wanted exists")


def test_a_commitment_has_no_quota_across_models() -> None:
    wanted = units(committed=True, without_commitment=quota(0))
    assert isinstance(verdict("units-without-commitment", units=wanted), NotNeeded)
    assert isinstance(verdict("units-of-one", units=wanted), Passed)


@pytest.mark.parametrize(("present", "fits"), [(("a",), True), (("a", "b"), False), (("wanted", "b"), True)])
def test_one_more_deployment_must_fit_the_quota(present: tuple[str, ...], fits: bool) -> None:
    found = verdict("deployments", deployments=deployments(quota=quota(2), held=Known(present)))
    if fits:
        assert not isinstance(found, Problem)
    else:
        assert told(found) == (
            "quota L-1 (Some quota) is 2, and 2 deployments of custom models exist: delete one that is not needed "
            "(aws bedrock delete-custom-model-deployment), or ask for 3 in the Service Quotas console under "
            "Amazon Bedrock"
        )


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        ("scheduled-jobs", {"running_jobs": UNREAD}),
        ("custom-models", {"models_quota": UNREAD}),
        ("custom-models", {"models": UNREAD}),
        ("units-of-one", {"units": units(of_one=UNREAD)}),
        ("units-without-commitment", {"units": units(without_commitment=UNREAD)}),
        ("units-without-commitment", {"units": units(held=UNREAD)}),
        ("deployments", {"deployments": deployments(quota=UNREAD)}),
        ("deployments", {"deployments": deployments(held=UNREAD)}),
        ("model-access", {"access": UNREAD}),
        ("role-trust", {"trust_policy": UNREAD}),
        ("role-reads-data", {"reads_data": UNREAD}),
        ("role-writes-metrics", {"writes_metrics": UNREAD}),
        ("role-uses-key", {"uses_key": UNREAD}),
        ("data", {"data": (DataObject("s3://bucket/key", UNREAD),)}),
        ("key", {"key": UNREAD}),
        ("name", {"model_of_this_name": UNREAD}),
    ],
)
def test_what_cannot_be_read_stops_nothing_and_says_why(check: str, changes: dict[str, Any]) -> None:
    assert verdict(check, **changes) == UNREAD


def test_a_quota_of_jobs_that_cannot_be_read_stops_nothing_and_tells_what_is_known() -> None:
    found = verdict("scheduled-jobs", jobs_quota=UNREAD, running_jobs=Known(("a", "b")))
    assert found == NotChecked("GetSomething: AccessDenied; 2 in progress")


@pytest.mark.parametrize("check", ["units-of-one", "units-without-commitment", "deployments"])
def test_a_training_that_is_not_served_meets_no_quota_of_serving(check: str) -> None:
    assert isinstance(verdict(check), NotNeeded)


# --- role, data, key, name ---------------------------------------------------------------------------------------


def test_a_role_that_does_not_exist_is_refused() -> None:
    assert told(verdict("role-trust", trust_policy=Known(None))).startswith(f"role {ROLE} does not exist")


@pytest.mark.parametrize(
    ("check", "field", "purpose"),
    [
        ("role-reads-data", "reads_data", "read the training data"),
        ("role-writes-metrics", "writes_metrics", "write metrics"),
        ("role-uses-key", "uses_key", "encrypt the custom model"),
    ],
)
def test_a_permission_that_the_role_lacks_is_named(check: str, field: str, purpose: str) -> None:
    use = [Permission(f"kms:{action}", "arn:two", via="s3") for action in ("Decrypt", "CreateGrant")]
    lacking = (Permission("s3:GetObject", "arn:one"), *use)
    assert told(verdict(check, **{field: Known(lacking)})) == (
        f"role {ROLE} may not {purpose}: its policies do not allow s3:GetObject on arn:one; kms:Decrypt, "
        "kms:CreateGrant through s3 on arn:two; allow it in a policy of the role"
    )


def test_a_data_file_that_is_gone_is_named_with_the_way_to_have_it_back() -> None:
    data = tuple(DataObject(f"s3://bucket/{name}", Known(name == "there")) for name in ("there", "gone", "lost"))
    assert told(verdict("data", data=data)) == (
        "data file s3://bucket/gone, s3://bucket/lost does not exist: push it again if it was pushed; then count "
        "reconcile up by one and deploy, which checks it and copies what was not pushed"
    )


def test_a_data_file_that_a_deployment_will_copy_need_not_be_there() -> None:
    local = DataObject("s3://bucket/train", Known(value=False), local="train.jsonl")
    unknown = DataObject("", NotChecked("no bucket yet"), local="validation.jsonl")
    assert verdict("data", data=(local, unknown)) == Passed(
        "train.jsonl (copied by the deploy), validation.jsonl (copied by the deploy)"
    )


def test_data_that_was_written_again_since_its_check_is_refused_with_both_versions() -> None:
    data = (data_object(), data_object(uri="s3://bucket/validation/v", use="validation", version=Known("v2")))
    assert told(verdict("data-unchanged", data=data)) == (
        "s3://bucket/validation/v was written again since it was checked: version v1 was checked, v2 is there; put the "
        "bytes back if it was not you, and count reconcile up by one to have the validation data checked again"
    )


def test_data_whose_version_cannot_be_read_is_refused_because_nobody_else_would_notice() -> None:
    unread = data_object(version=NotChecked("HeadObject: 403"))
    assert told(verdict("data-unchanged", data=(unread,))) == (
        "whether s3://bucket/train/one.jsonl still is what was checked cannot be told (HeadObject: 403): let the "
        "training function s3:GetObject it, and deploy again"
    )


def test_data_that_is_gone_in_between_is_refused() -> None:
    gone = data_object(version=Known(None))
    assert ": version v1 was checked, none is there; " in told(verdict("data-unchanged", data=(gone,)))


def test_a_bucket_without_versioning_cannot_tell_whether_data_was_written_over() -> None:
    unversioned = (data_object(checked="null", version=Known("null")),)
    assert "its bucket has no versioning; turn it on" in told(verdict("data-unchanged", data=unversioned))


def test_data_that_is_as_checked_passes() -> None:
    assert verdict("data-unchanged") == Passed("version v1 of s3://bucket/train/one.jsonl")


@pytest.mark.parametrize("changes", [{"checked": None}, {"exists": Known(value=False)}], ids=str)
def test_a_version_is_compared_only_where_there_are_two(changes: dict[str, Any]) -> None:
    assert isinstance(verdict("data-unchanged", data=(data_object(**changes, version=UNREAD),)), NotNeeded)


def both(training: int | None, validation: int | None) -> tuple[DataObject, ...]:
    return data_object(records=training), data_object(use="validation", records=validation)


def test_more_records_than_the_account_may_have_are_refused_with_the_numbers_and_the_quota() -> None:
    assert told(verdict("records", data=both(9_500, 501))) == (
        "9500 training and 501 validation records are more than the 10000 that are allowed together: leave some out, "
        "or have quota L-SUM raised"
    )
    assert verdict("records", data=both(9_500, 500)) == Passed("9500 training and 500 validation records")


def test_what_the_account_may_have_counts_over_what_is_documented() -> None:
    raised = record_sum(quota=quota(20_000, code="L-SUM"))
    assert isinstance(verdict("records", data=both(9_500, 501), record_sum=raised), Passed)


def test_a_quota_that_cannot_be_read_leaves_what_is_documented() -> None:
    unread = record_sum(quota=UNREAD)
    assert told(verdict("records", data=both(9_500, 501), record_sum=unread)).endswith("or have quota L-SUM raised")
    unknown = record_sum(quota=UNREAD, quota_code=None, most=10)
    assert told(verdict("records", data=both(9, 2), record_sum=unknown)).endswith("allowed together: leave some out")
    unlimited = record_sum(quota=UNREAD, most=None)
    assert isinstance(verdict("records", data=both(10**9, 1), record_sum=unlimited), Passed)


def test_fewer_records_than_the_base_model_needs_are_refused() -> None:
    assert told(verdict("records", data=both(90, 9), record_sum=record_sum(least=100))) == (
        "90 training and 9 validation records are fewer than the 100 that the base model needs: add some"
    )


def test_a_sum_of_which_a_part_is_not_told_is_not_judged() -> None:
    assert isinstance(verdict("records", data=both(10**9, None)), NotNeeded)


@pytest.mark.parametrize(
    ("state", "remedy"),
    [
        ("Disabled", "enable it (aws kms enable-key)"),
        ("PendingDeletion", "cancel its deletion (aws kms cancel-key-deletion) and enable it"),
        ("Creating", "wait until it is, or give another key"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_with_its_state_and_the_way_out(state: str, remedy: str) -> None:
    key = Known(Key(state, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"))
    text = told(verdict("key", key=key))
    assert text == told(of_purchase("key", key=key))
    assert text.startswith(f"key {KEY_ARN} is {state}, and must be Enabled: {remedy}")


def test_a_key_that_is_not_symmetric_or_not_there_is_refused_and_none_is_no_problem() -> None:
    asymmetric = Known(Key("Enabled", "SIGN_VERIFY", "RSA_2048"))
    assert "is RSA_2048 for SIGN_VERIFY, and must be SYMMETRIC_DEFAULT" in told(verdict("key", key=asymmetric))
    assert told(verdict("key", key=Known(None))) == f"key {KEY_ARN} does not exist: give a key that does"
    assert isinstance(verdict("key", key_arn="", key=Known(None)), NotNeeded)


def test_a_model_of_this_name_that_no_job_made_is_refused() -> None:
    text = told(verdict("name", model_of_this_name=Known(value=True)))
    assert text.startswith("a custom model named faq-prod-123-1 exists that no job of this name made")


OTHER_KEY = KEY_ARN.replace("key/one", "key/other")


def test_a_model_under_a_key_whose_models_are_not_served_is_refused_with_both_and_the_way_out() -> None:
    assert told(of_purchase("model-key", model_key=model_key(found=Known(OTHER_KEY)))) == (
        f"model faq-prod-123-1 is under key {OTHER_KEY}, and this environment serves models of {KEY_ARN} alone: add "
        "the model's key to model_key_arns in [serving] (model_keys of DataStore) and deploy again"
    )


def test_a_model_under_a_further_key_or_one_that_aws_owns_is_served() -> None:
    further = model_key(found=Known(OTHER_KEY), served=Known((KEY_ARN, OTHER_KEY)))
    assert of_purchase("model-key", model_key=further) == Passed(f"faq-prod-123-1 is under {OTHER_KEY}")
    assert isinstance(of_purchase("model-key", model_key=model_key(found=Known(None))), NotNeeded)


@pytest.mark.parametrize("unknown", [{"found": UNREAD}, {"served": UNREAD}, {"served": Known(())}])
def test_a_key_that_is_not_told_refuses_nothing(unknown: dict[str, Any]) -> None:
    assert isinstance(of_purchase("model-key", model_key=model_key(**unknown)), NotChecked)
