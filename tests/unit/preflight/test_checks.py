"""Every check, with facts that are right, wrong and unknown."""

import dataclasses
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from bedrock_lifecycle.preflight import tables
from bedrock_lifecycle.preflight.checks import base_model, customized
from bedrock_lifecycle.preflight.facts import (
    Base,
    BaseModel,
    Customized,
    DataObject,
    Fact,
    KeyFacts,
    Known,
    ModelAvailability,
    NotChecked,
    Permission,
    PromotedModelFacts,
)
from bedrock_lifecycle.preflight.report import NotNeeded, Passed, Problem, Verdict, run
from tests.support.messages import says
from tests.unit.preflight.facts import (
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
from tests.unit.preflight.trusting import ROLE


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
UNTUNABLE = BaseModel("ACTIVE", None, ("CONTINUED_PRE_TRAINING",))


@pytest.mark.parametrize(
    ("found", "training_is_told", "purchase_is_told"),
    [
        (None, (), ()),
        (OVER, ("2026-11-23",), ("2026-11-23",)),
        (LEGACY, ("LEGACY",), ("LEGACY", "Provisioned Throughput", "on demand")),
        (LAST_DAY, None, None),
    ],
)
def test_a_base_model_that_takes_nothing_new_is_refused_with_what_is_active(
    found: BaseModel | None, training_is_told: tuple[str, ...] | None, purchase_is_told: tuple[str, ...] | None
) -> None:
    for named, given in (
        (training_is_told, verdict("base-model", base=base(found, "one", "two"))),
        (purchase_is_told, of_purchase("base-model", base=base(found, "one", "two"))),
    ):
        if named is None:
            assert isinstance(given, Passed)
        else:
            assert says(told(given), BASE.id, *named, "choose", "one, two")


def test_a_model_that_was_copied_here_may_have_a_base_model_that_is_not_here() -> None:
    assert isinstance(of_purchase("base-model", base=base(None), model_is_given=True), NotChecked)
    assert isinstance(of_purchase("base-model", base=base(LEGACY), model_is_given=True), Problem)


def test_a_region_without_any_active_base_model_is_told_as_such() -> None:
    assert says(told(verdict("base-model", base=base(LEGACY))), BASE.id, "Region")
    unlisted = dataclasses.replace(base(LEGACY), active=UNREAD)
    assert says(told(verdict("base-model", base=unlisted)), BASE.id, "choose")
    assert not says(told(verdict("base-model", base=unlisted)), "Region")


def test_a_base_model_is_asked_for_the_way_in_which_it_is_to_be_customized() -> None:
    found = dataclasses.replace(
        base(UNTUNABLE, "one"), id="any.model-v1:0", customization_type="CONTINUED_PRE_TRAINING"
    )
    assert isinstance(verdict("base-model", base=found), Passed)
    other = dataclasses.replace(found, customization_type="DISTILLATION")
    assert says(told(verdict("base-model", base=other)), found.id, "DISTILLATION", "one")
    assert isinstance(of_purchase("base-model", base=dataclasses.replace(found, customization_type=None)), Passed)


@pytest.mark.parametrize("check", ["base-model"])
def test_a_base_model_that_cannot_be_looked_at_is_left_to_bedrock(check: str) -> None:
    unread = dataclasses.replace(BASE, found=UNREAD)
    assert verdict(check, base=unread) == of_purchase(check, base=unread) == UNREAD


@pytest.mark.parametrize(
    ("access", "named"),
    [
        (ModelAvailability("NOT_AVAILABLE", "AUTHORIZED", "AVAILABLE", "AVAILABLE"), "agreement NOT_AVAILABLE"),
        (ModelAvailability("ERROR", "AUTHORIZED", "AVAILABLE", "AVAILABLE", "no card"), "agreement ERROR, no card"),
        (ModelAvailability("PENDING", "AUTHORIZED", "AVAILABLE", "AVAILABLE"), "agreement PENDING"),
        (ModelAvailability("AVAILABLE", "AUTHORIZED", "NOT_AVAILABLE", "AVAILABLE"), "entitlement NOT_AVAILABLE"),
        (ModelAvailability("AVAILABLE", "AUTHORIZED", "AVAILABLE", "NOT_AVAILABLE"), "Region NOT_AVAILABLE"),
        (
            ModelAvailability("PENDING", "NOT_AUTHORIZED", "AVAILABLE", "AVAILABLE"),
            "agreement PENDING, authorization NOT_AUTHORIZED",
        ),
    ],
)
def test_a_model_that_the_account_may_not_use_is_refused_with_what_is_missing(
    access: ModelAvailability, named: str
) -> None:
    assert says(told(verdict("model-access", access=Known(access))), BASE.id, named, "model catalog")


def test_an_authorization_that_alone_says_no_stops_nothing_and_is_told() -> None:
    found = verdict(
        "model-access", access=Known(ModelAvailability("AVAILABLE", "NOT_AUTHORIZED", "AVAILABLE", "AVAILABLE"))
    )
    assert isinstance(found, NotChecked)
    assert "NOT_AUTHORIZED" in found.why


def test_a_base_model_that_cannot_be_tuned_is_refused_and_a_variant_is_left_to_bedrock() -> None:
    found = base(UNTUNABLE, "one")
    assert isinstance(verdict("base-model", base=found), NotChecked)
    model = dataclasses.replace(found, id="any.model-v1:0")
    assert says(told(verdict("base-model", base=model)), model.id, "FINE_TUNING", "one")


def test_access_to_a_model_that_is_not_offered_at_all_is_no_second_problem() -> None:
    nowhere = ModelAvailability("AVAILABLE", "AUTHORIZED", "AVAILABLE", "NOT_AVAILABLE")
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
        command = "aws bedrock list-model-customization-jobs --status-equals InProgress"
        assert says(told(found), "L-1", "Scheduled customization jobs", 2, "deploy", command)


def test_a_quota_that_turns_out_to_be_another_one_is_not_taken_for_that_of_jobs() -> None:
    found = verdict("scheduled-jobs", jobs_quota=quota(0, name="Batch inference jobs"), running_jobs=Known(()))
    assert isinstance(found, NotChecked)
    assert says(found.why, "L-1", "Batch inference jobs", 0)


def test_models_and_what_is_being_trained_must_fit_the_quota_together() -> None:
    assert isinstance(verdict("custom-models", models_quota=quota(3), models=Known(2)), Passed)
    assert isinstance(verdict("custom-models", models_quota=quota(3), models=Known(2), running_jobs=UNREAD), Passed)
    full = verdict("custom-models", models_quota=quota(3), models=Known(2), running_jobs=Known(("a",)))
    assert says(told(full), "L-1", "Some quota", 3, "aws bedrock delete-custom-model", 4, "Service Quotas")


def test_a_quota_of_zero_units_is_told_with_code_name_value_and_what_is_needed() -> None:
    wanted = units(of_one=quota(0, code="L-ONE", name="Units of one"), without_commitment=quota(0, adjustable=False))
    assert told(verdict("units-of-one", units=wanted)) == told(of_purchase("units-of-one", units=wanted))
    one, of_all = verdict("units-of-one", units=wanted), of_purchase("units-without-commitment", units=wanted)
    assert says(told(one), "L-ONE", "Units of one", 0, 1, "Service Quotas", "Provisioned Throughput")
    assert says(told(of_all), "L-1", "Some quota", 0, 1, "AWS Support", "Provisioned Throughput")


def test_units_in_use_are_counted_but_not_those_of_base_models_or_of_commitments() -> None:
    present = (held("a", 2), held("b", 5, of_custom_model=False), held("c", 7, committed=True))
    enough = units(without_commitment=quota(3), held=Known(present))
    assert isinstance(verdict("units-without-commitment", units=enough), Passed)
    short = units(without_commitment=quota(2), held=Known(present))
    assert says(told(verdict("units-without-commitment", units=short)), "is 2", "3 needed", "2 in use", 1)


def test_a_throughput_that_exists_needs_no_more_units() -> None:
    present = units(of_one=quota(0), without_commitment=quota(0), held=Known((held("wanted", 1),)))
    for check in ("units-of-one", "units-without-commitment"):
        assert isinstance(verdict(check, units=present), NotNeeded)


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
        command = "aws bedrock delete-custom-model-deployment"
        assert says(told(found), "L-1", "Some quota", 2, command, 3, "Service Quotas")


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
    assert isinstance(found, NotChecked)
    assert says(found.why, "GetSomething: AccessDenied", 2)


@pytest.mark.parametrize("check", ["units-of-one", "units-without-commitment", "deployments"])
def test_a_training_that_is_not_served_meets_no_quota_of_serving(check: str) -> None:
    assert isinstance(verdict(check), NotNeeded)


# --- role, data, key, name ---------------------------------------------------------------------------------------


def test_a_role_that_does_not_exist_is_refused() -> None:
    assert says(told(verdict("role-trust", trust_policy=Known(None))), ROLE)


@pytest.mark.parametrize(
    ("check", "field"),
    [
        ("role-reads-data", "reads_data"),
        ("role-writes-metrics", "writes_metrics"),
        ("role-uses-key", "uses_key"),
    ],
)
def test_a_permission_that_the_role_lacks_is_named(check: str, field: str) -> None:
    use = [Permission(f"kms:{action}", "arn:two", via="s3") for action in ("Decrypt", "CreateGrant")]
    lacking = (Permission("s3:GetObject", "arn:one"), *use)
    denied = told(verdict(check, **{field: Known(lacking)}))
    assert says(denied, ROLE, "s3:GetObject on arn:one", "kms:Decrypt, kms:CreateGrant", "s3 on arn:two", "policy")


def test_a_data_file_that_is_gone_is_named_with_the_way_to_have_it_back() -> None:
    data = tuple(DataObject(f"s3://bucket/{name}", Known(name == "there")) for name in ("there", "gone", "lost"))
    assert says(told(verdict("data", data=data)), "s3://bucket/gone", "s3://bucket/lost", "push", "reconcile", "deploy")


def test_a_data_file_that_a_deployment_will_copy_need_not_be_there() -> None:
    local = DataObject("s3://bucket/train", Known(value=False), local="train.jsonl")
    unknown = DataObject("", NotChecked("no bucket yet"), local="validation.jsonl")
    found = verdict("data", data=(local, unknown))
    assert isinstance(found, Passed)
    assert says(found.detail, "train.jsonl", "validation.jsonl")


def test_data_that_was_written_again_since_its_check_is_refused_with_both_versions() -> None:
    data = (data_object(), data_object(uri="s3://bucket/validation/v", use="validation", version=Known("v2")))
    assert says(told(verdict("data-unchanged", data=data)), "s3://bucket/validation/v", "v1", "v2", "reconcile")


def test_data_whose_version_cannot_be_read_is_refused_because_nobody_else_would_notice() -> None:
    unread = data_object(version=NotChecked("HeadObject: 403"))
    unsaid = told(verdict("data-unchanged", data=(unread,)))
    assert says(unsaid, "s3://bucket/train/one.jsonl", "HeadObject: 403", "s3:GetObject", "deploy")


def test_data_that_is_gone_in_between_is_refused() -> None:
    gone = data_object(version=Known(None))
    assert says(told(verdict("data-unchanged", data=(gone,))), "v1", "reconcile")


def test_a_bucket_without_versioning_cannot_tell_whether_data_was_written_over() -> None:
    unversioned = (data_object(checked="null", version=Known("null")),)
    assert says(told(verdict("data-unchanged", data=unversioned)), "versioning")


def test_data_of_which_a_rollback_has_forgotten_the_version_is_to_be_checked_again() -> None:
    forgotten = (data_object(checked="unknown"),)
    assert says(told(verdict("data-unchanged", data=forgotten)), "s3://bucket/train/one.jsonl", "rollback", "reconcile")


def test_data_that_is_as_checked_passes() -> None:
    assert isinstance(verdict("data-unchanged"), Passed)


@pytest.mark.parametrize("changes", [{"checked": None}, {"exists": Known(value=False)}], ids=str)
def test_a_version_is_compared_only_where_there_are_two(changes: dict[str, Any]) -> None:
    assert isinstance(verdict("data-unchanged", data=(data_object(**changes, version=UNREAD),)), NotNeeded)


def both(training: int | None, validation: int | None) -> tuple[DataObject, ...]:
    return data_object(records=training), data_object(use="validation", records=validation)


def test_more_records_than_the_account_may_have_are_refused_with_the_numbers_and_the_quota() -> None:
    assert says(told(verdict("records", data=both(9_500, 501))), 9500, 501, 10000, "leave", "L-SUM")
    assert isinstance(verdict("records", data=both(9_500, 500)), Passed)


def test_what_the_account_may_have_counts_over_what_is_documented() -> None:
    raised = record_sum(quota=quota(20_000, code="L-SUM"))
    assert isinstance(verdict("records", data=both(9_500, 501), record_sum=raised), Passed)


def test_a_quota_that_cannot_be_read_leaves_what_is_documented() -> None:
    unread = record_sum(quota=UNREAD)
    assert says(told(verdict("records", data=both(9_500, 501), record_sum=unread)), "L-SUM")
    unknown = record_sum(quota=UNREAD, quota_code=None, most=10)
    assert not says(told(verdict("records", data=both(9, 2), record_sum=unknown)), "quota")
    unlimited = record_sum(quota=UNREAD, most=None)
    assert isinstance(verdict("records", data=both(10**9, 1), record_sum=unlimited), Passed)


def test_fewer_records_than_the_base_model_needs_are_refused() -> None:
    assert says(told(verdict("records", data=both(90, 9), record_sum=record_sum(least=100))), 90, 9, 100, "add")


def test_a_sum_of_which_a_part_is_not_told_is_not_judged() -> None:
    assert isinstance(verdict("records", data=both(10**9, None)), NotNeeded)


@pytest.mark.parametrize(
    ("state", "remedy"),
    [
        ("Disabled", ["aws kms enable-key"]),
        ("PendingDeletion", ["aws kms cancel-key-deletion", "enable"]),
        ("Creating", ["wait", "key"]),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_with_its_state_and_the_way_out(state: str, remedy: list[str]) -> None:
    key = Known(KeyFacts(state, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"))
    text = told(verdict("key", key=key))
    assert text == told(of_purchase("key", key=key))
    assert says(text, KEY_ARN, state, "Enabled", *remedy)


def test_a_key_that_is_not_symmetric_or_not_there_is_refused_and_none_is_no_problem() -> None:
    asymmetric = Known(KeyFacts("Enabled", "SIGN_VERIFY", "RSA_2048"))
    assert says(told(verdict("key", key=asymmetric)), "RSA_2048", "SIGN_VERIFY", "SYMMETRIC_DEFAULT")
    assert says(told(verdict("key", key=Known(None))), KEY_ARN, "exist")
    assert isinstance(verdict("key", key_arn="", key=Known(None)), NotNeeded)


def test_a_model_of_this_name_that_no_job_made_is_refused() -> None:
    text = told(verdict("name", model_of_this_name=Known(value=True)))
    assert says(text, "faq-prod-123-1")


OTHER_KEY = KEY_ARN.replace("key/one", "key/other")


def test_a_model_under_a_key_whose_models_are_not_served_is_refused_with_both_and_the_way_out() -> None:
    other = told(of_purchase("model-key", model_key=model_key(found=Known(OTHER_KEY))))
    assert says(other, "faq-prod-123-1", OTHER_KEY, KEY_ARN, "model_key_arns", "[allow]", "model_keys", "deploy")


def test_a_model_under_a_further_key_or_one_that_aws_owns_is_served() -> None:
    further = model_key(found=Known(OTHER_KEY), served=Known((KEY_ARN, OTHER_KEY)))
    assert isinstance(of_purchase("model-key", model_key=further), Passed)
    assert isinstance(of_purchase("model-key", model_key=model_key(found=Known(None))), NotNeeded)


@pytest.mark.parametrize("unknown", [{"found": UNREAD}, {"served": UNREAD}, {"served": Known(())}])
def test_a_key_that_is_not_told_refuses_nothing(unknown: dict[str, Any]) -> None:
    assert isinstance(of_purchase("model-key", model_key=model_key(**unknown)), NotChecked)


# --- how old a model is ------------------------------------------------------------------------------------------


def age_of(created: Fact[datetime], since: date | None = date(2025, 7, 16)) -> Verdict:
    return customized.late_enough(Customized(model="faq-prod-123-1", since=since, created=created))


def test_a_model_that_was_customized_before_the_day_is_refused_with_both_days_and_the_way_out() -> None:
    refused = age_of(Known(datetime(2025, 7, 15, 23, 59, tzinfo=UTC)))
    assert says(told(refused), "faq-prod-123-1", "2025-07-15", "2025-07-16", "Provisioned Throughput", "train")


@pytest.mark.parametrize("day", [16, 17])
def test_a_model_of_the_day_or_later_is_deployed(day: int) -> None:
    assert isinstance(age_of(Known(datetime(2025, 7, day, tzinfo=UTC))), Passed)


def test_the_day_is_that_of_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert isinstance(age_of(Known(datetime(2025, 7, 16, 8, tzinfo=tokyo))), Problem)


def test_an_age_that_is_not_told_or_not_limited_refuses_nothing() -> None:
    assert isinstance(age_of(UNREAD), NotChecked)
    assert isinstance(age_of(Known(datetime(2020, 1, 1, tzinfo=UTC)), since=None), NotNeeded)


# Another environment's model.


def of_promotion(check: str, *, buys: bool = False, **changes: Any) -> Verdict:
    facts = PromotedModelFacts(**{"base": BASE, "buys": buys, "key_arn": KEY_ARN, "key": training().key, **changes})
    (found,) = (each for each in run(tables.PROMOTION, facts).findings if each.id == check)
    return found.verdict


def base_that(found: Fact[BaseModel | None]) -> Base:
    return dataclasses.replace(BASE, found=found)


@pytest.mark.parametrize(
    ("found", "on_demand", "bought"),
    [
        (BaseModel("ACTIVE", None, None), Passed, Passed),
        (BaseModel("LEGACY", None, None), Passed, Problem),
        (BaseModel("LEGACY", NOW, None), Problem, Problem),
        (None, NotChecked, NotChecked),
    ],
)
def test_a_promoted_model_is_served_as_long_as_its_base_model_is(
    found: BaseModel | None, on_demand: type, bought: type
) -> None:
    base = base_that(Known(found))
    assert isinstance(of_promotion("base-model", base=base), on_demand)
    assert isinstance(of_promotion("base-model", base=base, buys=True), bought)


@pytest.mark.parametrize(
    ("found", "buys", "named"),
    [
        (Known(BaseModel("ACTIVE", None, None)), True, ()),
        (Known(BaseModel("ACTIVE", None, None, legacy=NOW - timedelta(days=1))), True, ()),
        (Known(BaseModel("ACTIVE", None, None, legacy=NOW + timedelta(days=1))), True, ("ACTIVE", "LEGACY from")),
        (Known(BaseModel("ACTIVE", NOW + timedelta(days=1), None)), False, ("ACTIVE", "end of life on")),
        (Known(BaseModel("LEGACY", NOW + timedelta(days=1), None)), False, ("LEGACY", "end of life on")),
        (Known(BaseModel("LEGACY", None, None)), False, ()),
        (Known(BaseModel("LEGACY", None, None)), True, ("LEGACY", "no new Provisioned Throughput")),
        (Known(BaseModel("LEGACY", NOW, None)), False, ("reached its end of life",)),
        (Known(None), True, ()),
        (UNREAD, True, ()),
    ],
)
def test_whoever_promotes_is_warned_of_what_is_wrong_or_lies_ahead(
    found: Fact[BaseModel | None], buys: bool, named: tuple[str, ...]
) -> None:
    warning = base_model.warning(base_that(found), buys=buys)
    assert says(warning, *named) if named else warning == ""


@pytest.mark.parametrize("buys", [True, False])
def test_what_lies_ahead_of_the_base_model_of_a_promoted_one_is_told(buys: bool) -> None:
    day = timedelta(days=1)
    ahead = BaseModel("ACTIVE", NOW + 200 * day, None, legacy=NOW + 20 * day)
    assert of_promotion("base-model", base=base_that(Known(ahead)), buys=buys) == Passed(
        f"{BASE.id} is ACTIVE, LEGACY from 2026-12-13, end of life on 2027-06-11"
    )
    behind = BaseModel("ACTIVE", None, None, legacy=NOW - day)
    assert of_promotion("base-model", base=base_that(Known(behind)), buys=buys) == Passed(f"{BASE.id} is ACTIVE")


@pytest.mark.parametrize("buys", [True, False])
def test_a_base_model_that_cannot_be_read_stops_no_promotion(buys: bool) -> None:
    assert of_promotion("base-model", base=base_that(UNREAD), buys=buys) == UNREAD


def test_the_key_of_a_promoted_model_has_to_be_usable() -> None:
    assert isinstance(of_promotion("key"), Passed)
    assert isinstance(of_promotion("key", key=Known(None)), Problem)
