"""The simulated Service Quotas: what Bedrock enforces is what it says."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.bedrock import ApiFault, Quotas, Settings
from tests.support.bedrock_client import ACCOUNT, REGION, client
from tests.support.messages import saying
from tests.unit.simulated_bedrock.scenario import Account

RECORDS = ("L-679179D2", 10_000, True)
CUSTOM_MODELS = "L-CB5B847D"
JOBS = "L-0406044C"
UNITS = "L-BE77399C"
UNITS_OF_ONE = "L-EF415EF6"


def quotas_of(account: Account, region: str = REGION, *, validate: bool = True) -> Any:
    return client(account.simulated, "service-quotas", region=region, validate=validate)


def value(account: Account, code: str, region: str = REGION) -> float:
    found = quotas_of(account, region).get_service_quota(ServiceCode="bedrock", QuotaCode=code)
    return float(found["Quota"]["Value"])


def test_a_quota_is_told_as_service_quotas_does() -> None:
    account = Account(Settings())
    found = quotas_of(account).get_service_quota(ServiceCode="bedrock", QuotaCode=UNITS)["Quota"]
    assert found == {
        "ServiceCode": "bedrock",
        "ServiceName": "Amazon Bedrock",
        "QuotaArn": f"arn:aws:servicequotas:{REGION}:{ACCOUNT}:bedrock/{UNITS}",
        "QuotaCode": UNITS,
        "QuotaName": "Model units no-commitment Provisioned Throughputs across custom models",
        "Value": 0.0,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "ACCOUNT",
    }


@pytest.mark.parametrize(
    ("code", "default", "adjustable"),
    [
        (CUSTOM_MODELS, 100, True),
        (JOBS, 10, False),
        (UNITS, 0, True),
        (UNITS_OF_ONE, 0, True),
        ("L-679179D2", 10_000, True),
    ],
)
def test_an_account_begins_with_the_values_of_aws(code: str, default: int, adjustable: bool) -> None:
    account = Account(Settings())
    found = quotas_of(account).get_service_quota(ServiceCode="bedrock", QuotaCode=code)["Quota"]
    assert (found["Value"], found["Adjustable"]) == (default, adjustable)


@pytest.mark.parametrize("name", ["custom_model_units", UNITS])
def test_a_raised_quota_is_told_and_its_default_stays(name: str) -> None:
    account = Account(Settings())
    account.simulated.handle_control("quotas", {"set": {name: 3}, "account": ACCOUNT, "region": REGION})
    assert value(account, UNITS) == 3
    assert value(account, UNITS, "us-east-1") == 0
    default = quotas_of(account).get_aws_default_service_quota(ServiceCode="bedrock", QuotaCode=UNITS)
    assert default["Quota"]["Value"] == 0


def test_a_single_throughput_may_have_as_many_units_as_the_account_unless_it_is_bounded() -> None:
    account = Account(Settings(quotas=Quotas(custom_model_units=4)))
    assert value(account, UNITS_OF_ONE) == 4
    account.simulated.handle_control("quotas", {"set": {UNITS_OF_ONE: 1}})
    assert value(account, UNITS_OF_ONE) == 1


def test_bedrock_enforces_what_service_quotas_tells() -> None:
    account = Account(Settings(quotas=Quotas(custom_model_units=2, customization_jobs=1)))
    model = account.tuned_model()
    assert value(account, UNITS) == 2
    account.bedrock.create_provisioned_model_throughput(modelUnits=2, provisionedModelName="fits", modelId=model)
    with pytest.raises(account.bedrock.exceptions.ServiceQuotaExceededException):
        account.bedrock.create_provisioned_model_throughput(modelUnits=1, provisionedModelName="beyond", modelId=model)
    assert value(account, JOBS) == 1
    account.create_job("one")
    with pytest.raises(account.bedrock.exceptions.ServiceQuotaExceededException):
        account.create_job("two")


def test_a_commitment_is_bought_against_the_quota_of_one_throughput_alone() -> None:
    account = Account(Settings(quotas=Quotas(custom_model_units=1, model_units_per_throughput=3)))
    model = account.tuned_model()

    def buy(name: str, units: int, **terms: Any) -> None:
        account.bedrock.create_provisioned_model_throughput(
            modelUnits=units, provisionedModelName=name, modelId=model, **terms
        )

    buy("committed", 3, commitmentDuration="OneMonth")
    buy("uncommitted", 1)
    with pytest.raises(account.bedrock.exceptions.ServiceQuotaExceededException, match=saying("provisioned model", 3)):
        buy("too-large", 4, commitmentDuration="OneMonth")


def test_all_quotas_are_listed_in_pages() -> None:
    account = Account(Settings())
    service_quotas = quotas_of(account)
    pages = list(service_quotas.get_paginator("list_service_quotas").paginate(ServiceCode="bedrock", MaxResults=5))
    assert len(pages) > 2
    codes = [each["QuotaCode"] for page in pages for each in page["Quotas"]]
    assert len(set(codes)) == len(codes)
    assert {CUSTOM_MODELS, JOBS, UNITS, UNITS_OF_ONE} <= set(codes)
    only = service_quotas.list_service_quotas(ServiceCode="bedrock", QuotaCode=JOBS)["Quotas"]
    assert [each["QuotaCode"] for each in only] == [JOBS]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"ServiceCode": "bedrock", "QuotaCode": "L-00000000"}, "NoSuchResourceException"),
        ({"ServiceCode": "s3", "QuotaCode": UNITS}, "NoSuchResourceException"),
        ({"ServiceCode": "bedrock", "QuotaCode": "L_1"}, "IllegalArgumentException"),
        ({"ServiceCode": "bedrock"}, "IllegalArgumentException"),
    ],
)
def test_what_does_not_exist_is_refused(parameters: dict[str, str], code: str) -> None:
    service_quotas = quotas_of(Account(Settings()), validate=False)
    with pytest.raises(ClientError) as error:
        service_quotas.get_service_quota(**parameters)
    assert error.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(("code", "status"), [("TooManyRequestsException", 429), ("ServiceException", 500)])
def test_it_fails_on_demand(code: str, status: int) -> None:
    account = Account(Settings())
    account.simulated.faults.add(ApiFault("GetServiceQuota", code))
    with pytest.raises(ClientError) as error:
        value(account, UNITS)
    assert error.value.response["Error"]["Code"] == code
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert value(account, UNITS) == 0


def test_what_is_not_simulated_says_so() -> None:
    with pytest.raises(ClientError, match=saying("ListServices", "simulated")):
        quotas_of(Account(Settings())).list_services()
